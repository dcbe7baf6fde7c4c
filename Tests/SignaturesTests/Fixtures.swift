// Made by make_fixtures.py.
// swift-format-ignore-file
import Testing

enum Fixtures {
    static let manifest = #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#
    static let digest = "sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2"
    static let reference = "registry.example.com/team/app"
    static let payload = #"{"critical":{"identity":{"docker-reference":"registry.example.com/team/app"},"image":{"docker-manifest-digest":"sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2"},"type":"cosign container image signature"},"optional":null}"#
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let pem: String
        /// Signatures over the payload, in base64.
        let signatures: [String]
        let bundle: String
        let messageBundle: String
    }
    static let kinds = [
        Kind(testDescription: "p256", pem: #"""
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4NIE/fIOz4yjWWTtNl8fQWRFWQmf
        G0H6OwOFTyRqmvjQypIhBO0gpg4lkYnMfbBghYiY+FmnKibqTRN/HSSYgg==
        -----END PUBLIC KEY-----
        """#,
        signatures: ["MEQCIFHkPJ5SQZYuVbzluQfjXxlIYLxQuUj7qePmq80QdefgAiB6MPZvqVkcKFeK4II9thj0UlwoWYErgmT4LEMcIzjXtA=="],
        bundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"PmlnM0rpwHRGaC1CoUgVtkzAQEbQke8rxcYAoMa7Wos="}},"dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiZGZmOWRlMTA5MTkxNDg3MTExNDBkMzQ5YmYwM2YxYTk5ZWIwNmY5NGIwM2U1MTcxNWNjZWJmYTdjZGM1MThlMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3NpZ3N0b3JlLmRldi9jb3NpZ24vc2lnbi92MSIsInByZWRpY2F0ZSI6e319","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"MEUCICzuvGSoiIoS4hKMZzJPl/pItvBS8TgcNIsNKSo/wYYQAiEA6vJJz6VHkeAWhv/ulxHLQ5LxPEB/z2wJmRNvxWDkiXg="}]}}"#,
        messageBundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.3","verificationMaterial":{"publicKey":{"hint":""},"tlogEntries":[]},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"3/neEJGRSHERQNNJvwPxqZ6wb5SwPlFxXM6/p83FGOI="},"signature":"MEYCIQDqrsVIcCUzq0YiHI1QmxOElVbEcz/lNyE4yL4cjB6c9AIhAIrHLjeQcYPYS9GoU1yj82jzTB/6oTHrzmhv6WTCSmz8"}}"#),
        Kind(testDescription: "p384", pem: #"""
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEtEybhogsJ5Ce062/6lSAtvUebj8PCrHz
        WYWDiPD7rMj3D0AGs8+bjIDvI0HGJizRFErAq6lP+p9LYT/qGTG4hp/8sdtiQnzB
        b142iJKNYXT0675DId6VkAgSYMHGOtSj
        -----END PUBLIC KEY-----
        """#,
        signatures: ["MGUCMQDuSh4Hjiz6mnpCLp7t+rSL8vO2+AU1EQyATeb6hW+4XTR1ZuIbFjbwpsiAN6S5UkkCMGKrltP9sTR45LBf6zTnSdiVIOG8Tob9heznLFtlBG05j6v4m1wXcCtYGtQs+WIllQ==", "MGYCMQCoJPwL6pzzthzd/pR1cUBuNSkLgsjgaqjWoeif1POwFvh2vbN1aMtF+vfY1xH69ioCMQDsoj/cDKSgLFT6q73yi4EQ2zlAxkajIuO9ez2Q6NQpdEy6GT1PlPW19UvN13FKtEA="],
        bundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"RmQJmpmx8ly8UlGHR0PUl8csLQ0paBNpvZUH5FDaOYE="}},"dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiZGZmOWRlMTA5MTkxNDg3MTExNDBkMzQ5YmYwM2YxYTk5ZWIwNmY5NGIwM2U1MTcxNWNjZWJmYTdjZGM1MThlMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3NpZ3N0b3JlLmRldi9jb3NpZ24vc2lnbi92MSIsInByZWRpY2F0ZSI6e319","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"MGUCMEgE8ITjlmcUAm/fp1V4lUHaEVGqTboskkp9N8dt8qfCE9g+mu+fFekuUatKSRSIhAIxAL0enhdEOBFNFzWtqAZw8WbQ7qnm2h3b7rbsdysu0TS+s10u9gCdpcBjW85eptbZQQ=="}]}}"#,
        messageBundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.3","verificationMaterial":{"publicKey":{"hint":""},"tlogEntries":[]},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"3/neEJGRSHERQNNJvwPxqZ6wb5SwPlFxXM6/p83FGOI="},"signature":"MGQCMEbQzcsIdHDi+QYuDf03IRYJEvdrh3mjmxSdbL8H/A7tiFbHXg/OnKaw+GCYS1g6PQIwLyP3UvPmVYa/zeY4terzqkcUoKgdtHqWcIBilHkidlyDhksF3jJOYf4q/59OjZvM"}}"#),
        Kind(testDescription: "p521", pem: #"""
        -----BEGIN PUBLIC KEY-----
        MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBb/G3qwuErFtoQoSH+ROOeFYVW6bb
        BpiL3dr2YwKZMLF4pYCzBLv9XNLtizCX5IguVG4LyhjJ/tYrN2KoJpI77x4B9uLQ
        YTsvYAgyuy4SDpS324qiOJnltYPXYsX1D2OrAOIbh5hwL60Tf/r07VrQvlzBD/4i
        +Fqs4mfDEiOBOC/togk=
        -----END PUBLIC KEY-----
        """#,
        signatures: ["MIGGAkFizMIT1b3EnUOGNyJLuMW6friydsldTxpKk6XsLHsLxwcmh8ZbyrWFVj2bh2TKEaYLz8gNYmwxlfI8DS32/FAQggJBdZoKLIWuDV8fdXEH1ivpRXn7ggzlMLjR43fqjce1lm8jyH9ZyAx77Wgtfq4QHOf2w6oMQ+ORpFg1xeg/w8quW5M=", "MIGGAkFIiI1vHl5OBTwyvh+DBbgtvBVRNymqA5RGqKiEV6IyoifJd4wOLtTf6E8T1Q7dJYIgjXmWsQS4+Dy7cnBWumZijwJBRPalU0+OxKUlT4U01Zf6qjTGqUkvJaXCsJ1wgpWyd2avN9l5x1hfzT/XO4BAt6d7Rbpo+Hjljt8wMbnpkEtrUtc="],
        bundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"Pe8oHFVRlwVQYEVDren+PMSxmzWy3RxuYrPEvS1QWkE="}},"dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiZGZmOWRlMTA5MTkxNDg3MTExNDBkMzQ5YmYwM2YxYTk5ZWIwNmY5NGIwM2U1MTcxNWNjZWJmYTdjZGM1MThlMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3NpZ3N0b3JlLmRldi9jb3NpZ24vc2lnbi92MSIsInByZWRpY2F0ZSI6e319","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"MIGHAkIBTbwNQkKQhkGx/a7+uaUVoXTtH/lB3E1lkt37dPV0E12DIjbCBWV/eviXnOFmVxCbmZBFS+R6zukzeT/eWPblGOoCQXu/62EnZ5qMW0tGNMoI/A+leHQ9Ic4DYwJ9cVTeOsu41+7cwFoXcP80ATFk3nL0XkC9pCxs+qTYZDTiCntCxbgR"}]}}"#,
        messageBundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.3","verificationMaterial":{"publicKey":{"hint":""},"tlogEntries":[]},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"3/neEJGRSHERQNNJvwPxqZ6wb5SwPlFxXM6/p83FGOI="},"signature":"MIGHAkF1RR2tBracc4oNSCGD7cW79ztPEkmLt5RQArEb3sIrwtTJOdAnM1HS1F8v7lGvniW8oTTEMImWXYlGw7f9E+3wbgJCAQ1tJKUFA6/SLcnlBqK1k8YoTGa03dISmbQdDU3bun5E14k2ws12XJS8Kh4zOewgdCIwygPle+nn9D4DGy6x2rhJ"}}"#),
        Kind(testDescription: "ed25519", pem: #"""
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAlD9TqF7xkb/+n75id5Ulf1OuXUmHdrp0up9MYJ00DFA=
        -----END PUBLIC KEY-----
        """#,
        signatures: ["QHMCrQ9u/1TrLSasBHsjdd/HSUzObZuhSYL1TBcLFYf+cUvco36wV3tzd7v5kqEPczOi9ClMsw7+X2rCn3x0Ag=="],
        bundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"w31+piQDqDXyAiA65MSNF9K4QDgffhZnlPnGtVZtgII="}},"dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiZGZmOWRlMTA5MTkxNDg3MTExNDBkMzQ5YmYwM2YxYTk5ZWIwNmY5NGIwM2U1MTcxNWNjZWJmYTdjZGM1MThlMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3NpZ3N0b3JlLmRldi9jb3NpZ24vc2lnbi92MSIsInByZWRpY2F0ZSI6e319","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"qYqtlxnIRAO4WJgrJgY4Z98roSoD/R24hFBwJ7++7G/nY7leSTwztp16Hne3LD1trDtpcsm+NeP3Bus5m5p2CA=="}]}}"#,
        messageBundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.3","verificationMaterial":{"publicKey":{"hint":""},"tlogEntries":[]},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"3/neEJGRSHERQNNJvwPxqZ6wb5SwPlFxXM6/p83FGOI="},"signature":"pCja0tr8qOPvlylBR1s0Xc7qexkx0cKw+ukKG4hNEejxqXd70fF2dM/6pxgpuzyDRIWhhK3TwlZSXu3XsZDgAg=="}}"#),
        Kind(testDescription: "rsa", pem: #"""
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArX+nr2ul0PCCqgZET7OJ
        twy3izDHpTZXUw0/lPq4qoSCTEW21uwoCMtzfWk5wzf4KOfGshvaPRdM92h1iqkF
        pNhUwIT4jnvf/tfe5Xy/rE9WRztnF4MR2P4XufY2dNBrBSCE0m8iohXd8tKG6HjN
        P2IQT996iZIdRecJ41o6TLmrrXqRx0tfRY2z3nSgnRqRzJsNWqkPYDUSxStw1FcW
        aWApQ6gEW1vKlnK9rQyzWHP302PH93pczatTchXqGAJ7qg9UCpfictdAtrR9eZWO
        yCGGJzahlffPjLZZy5Sc6s2PNIZGg4UH8UMW8w8v372uABkbI2GKRGHz3YRChxQY
        FQIDAQAB
        -----END PUBLIC KEY-----
        """#,
        signatures: ["AUMRQTu1OIY5esjCSilFLmee4excQnXI6DKTYbs+1h6Ehquo4wOH8xEvmUwwEGHf0BAohHlg01Wn16iNFKi4CYEDrTkQmpcoTvmunMb16apK8DKKcqoR/hT2HbGfKTqUPRGeYeN8aoaHly7kNlp2lRoj+mbJP8FH8aGwU/V+9l7spqMqe4wVrSg0qt/KIEIfbZ+ckNdrBzSjQ7cSvYk3evlNfT3UziFTBrzUo0vJF3WbbAlIcaD8xj/3TtguL7z+COSctLPU1EFecTWvfC3s7ulMrnwokV0/AAM6s7/2OZhGwZBbn6uTz0FHCnUyym3RSt5HhyWbXWBHAps0Kd7Q7w==", "ZtGC+fA3WA/B23nlIQDaTGI2WwRIuT6CYSLzMdXhNz2fCjwllvAq+cb/l5jgOQXClWSCoXzalxkiuNT1oaxgizgU7dBa/XxISBkdvxYarYJdanVpNmLjqDJMK8jL4504IsMZgsJ8Wt19uDVr0HsD5qHzCuR90nOJVx8vs62taidWc/QbIFQDB6NDcKNf6PLyWJlwBI1oPvkjXB205mjmEHpxyADvS7A7ySMxtuCfSnJku7zCEZXfENvb6GLNgdaG0qIxDqLHfvbay2xvsrcHRsj3BbLE3u/A+l4q1LOExhGUATZ1UcUzCm4VWHPbjubIAjJXIVEIWweQ9laAebrzhA=="],
        bundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"KToOPkAofs0HjZpYdotfGrqInQpJ3HvmcqF13ilWCfE="}},"dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiZGZmOWRlMTA5MTkxNDg3MTExNDBkMzQ5YmYwM2YxYTk5ZWIwNmY5NGIwM2U1MTcxNWNjZWJmYTdjZGM1MThlMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3NpZ3N0b3JlLmRldi9jb3NpZ24vc2lnbi92MSIsInByZWRpY2F0ZSI6e319","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"PWNIz/OzXv0KXHlSvTFdnmpQN/YmW6gXoXwjJVx1viL8GS+u6VuZKmK7Xa0QPYBBbb+5pilN7wZrstcgZC0RCdj9ae7fANCOQdlLV8c+83kk8P1nAnQvl/GffznrJM0Xr+dzPrYLkU/k11WLbZRMQb6GkjYQLzP3RSVixIHpZoDMPtdSBb+Kf4xalmVMe6Fnk4HdryCzYZtWvbI4JbK0VXz+5VzS8z1x6wBYbO8+HbVwQD+FDGZasE0tfOfGwUglWtXiLCm5ZBjiHec6duq+aUhgVYnBkGTNCL9cj9sY+k9lnxpFYQjNEJ0dlTIXpx5q0ZgH1V9boI5rNf+EwLTP4Q=="}]}}"#,
        messageBundle: #"{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.3","verificationMaterial":{"publicKey":{"hint":""},"tlogEntries":[]},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"3/neEJGRSHERQNNJvwPxqZ6wb5SwPlFxXM6/p83FGOI="},"signature":"Kyd0T0n+82/Cvyrwmo5L4UFTau2LpQBZH1dv4L3Ddjz2BPUqZ/6TuCX67I2fAGmxpJ/qSa1ahoQ87sLtaOOMB/R/Cz5lQc95nvVgGPVQ60uFWOjRpfIZ9T514RxCnaTY+bftQuPmVftDMXtjtE3POaSSLTG8b1+ScNzizkHg2+R3aunpLWdtbvu/DnBXbWezE9uO6oq2mMZahIidZR5h6UWerO4zJLttpuZOijNBBpaiP12GPhIRaMntrsUGBpqwoknPZLKbMNmBcWt8BB3oRqGNcsSl1/Ft8s6Atv+kQyn0WoFlsbiB1VwB2TI9wUiUX2RTZMpHfU5MaGW8leg05g=="}}"#),
    ]
    static let attestation = #"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"PmlnM0rpwHRGaC1CoUgVtkzAQEbQke8rxcYAoMa7Wos="}},"dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiZGZmOWRlMTA5MTkxNDg3MTExNDBkMzQ5YmYwM2YxYTk5ZWIwNmY5NGIwM2U1MTcxNWNjZWJmYTdjZGM1MThlMiJ9LCJuYW1lIjoicmVnaXN0cnkuZXhhbXBsZS5jb20vdGVhbS9hcHAifV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3Nsc2EuZGV2L3Byb3ZlbmFuY2UvdjEiLCJwcmVkaWNhdGUiOnsiYnVpbGREZWZpbml0aW9uIjp7fX19","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"MEUCIFHx8DrF0p1CxVj/FVQqgCZH/NqupB0iyvgnVti8yjF0AiEAy7n/G1InhTDV4nHzNIN+1SzhrfjvH2peWxVOqHKIs/Q="}]}}"#
    static let envelope = #"{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiZGZmOWRlMTA5MTkxNDg3MTExNDBkMzQ5YmYwM2YxYTk5ZWIwNmY5NGIwM2U1MTcxNWNjZWJmYTdjZGM1MThlMiJ9LCJuYW1lIjoicmVnaXN0cnkuZXhhbXBsZS5jb20vdGVhbS9hcHAifV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3Nsc2EuZGV2L3Byb3ZlbmFuY2UvdjEiLCJwcmVkaWNhdGUiOnsiYnVpbGREZWZpbml0aW9uIjp7fX19","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"MEQCIB1rpDG9bzErlGi+V+91uf9ZG1t+02sshMm1Jy/wDUIxAiBO5zyTucGRPadevotN2gZeEmK2pkEqFv/u1Qt1dvvLvA=="}]}"#
    static let otherPayload = #"{"critical":{"identity":{"docker-reference":"registry.example.com/team/app"},"image":{"docker-manifest-digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"},"type":"cosign container image signature"},"optional":null}"#
    static let otherSignature = "MEUCIAv6vSP9gj7BPffdvUutvGwn1tu0Nirxnp9pMABcrfCyAiEA3iD5OQqXwHqJT2ptKl7j+8MG9Aliw+MwtaJIKd+8Zig="
    static let weak = #"""
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDNSpPJpwDkOSuWEcplVObtlfJ3
        BGnHz6yhdbTuZIu5e9LejAb8VTQeXj1BQsBI2IVLvyzsw4Qteno5V1pLe4Rvfwr7
        BsYBcgzg9r/awI9AfIWzhJJvXA+Zi+I5eah9+3CXToEVNrleUenNNsyq2iHuOv1u
        BRqpLgn/Eq/invSCzwIDAQAB
        -----END PUBLIC KEY-----
        """#
    static let pkcs1 = #"""
        -----BEGIN RSA PUBLIC KEY-----
        MIIBCgKCAQEArX+nr2ul0PCCqgZET7OJtwy3izDHpTZXUw0/lPq4qoSCTEW21uwo
        CMtzfWk5wzf4KOfGshvaPRdM92h1iqkFpNhUwIT4jnvf/tfe5Xy/rE9WRztnF4MR
        2P4XufY2dNBrBSCE0m8iohXd8tKG6HjNP2IQT996iZIdRecJ41o6TLmrrXqRx0tf
        RY2z3nSgnRqRzJsNWqkPYDUSxStw1FcWaWApQ6gEW1vKlnK9rQyzWHP302PH93pc
        zatTchXqGAJ7qg9UCpfictdAtrR9eZWOyCGGJzahlffPjLZZy5Sc6s2PNIZGg4UH
        8UMW8w8v372uABkbI2GKRGHz3YRChxQYFQIDAQAB
        -----END RSA PUBLIC KEY-----
        """#
    static let otherCurve = #"""
        -----BEGIN PUBLIC KEY-----
        MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEcdhbvXhJvr/jMA1Y1B0oEEPPVvAeKIvr
        ZZoCnN5kP0blRbqJYgtuoJmY9gtWuwpKIpkQUn8WCdjBzLalYYqYog==
        -----END PUBLIC KEY-----
        """#
    /// The form of a private key, without one.
    static let privateForm = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    static let bothHalves = ["MEYCIQD22eAKxzvC5dckgf58u0lMdJiV6cjjJiloViUkpQB84AIhAMoF6pueRM21pAH8XjwKvb8vKBdD/MosZEwq0P1xIlWx", "MEUCIQD22eAKxzvC5dckgf58u0lMdJiV6cjjJiloViUkpQB84AIgNfoVY2G7Mktb/gOhw/VCQI2+42mqTXIgp475xYtAz6A="]
}
