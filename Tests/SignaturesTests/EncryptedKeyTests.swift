import Signatures
import Testing

/// Keys that openssl encrypted (pkcs8 -topk8), of nothing secret.
@Suite("Private keys with passphrases")
struct EncryptedKeyTests {
    private static let publicKeys = [
        """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUA8RBxAenxEu1H87ZpDePgKd4T5H
        99I7qldRycSfugKZqBFmEAU8OcAZ9UFTk5BnuUd6oywVxenzMUWS2mwacA==
        -----END PUBLIC KEY-----
        """,
        """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAYC0mXK0mE2wGAhGrD72LGRRVBNpyV9No2Rs4GdsqAng=
        -----END PUBLIC KEY-----
        """,
    ]
    private static let encrypted = [
        // -v2 aes-256-cbc
        (
            pem: """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgK0WdJJg9p6QICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEA4Bl3tZ7gRDk1QZlI/lbf0EgZDv
            Bd4GTLaDUPeO+DK+mj7dF/LjPSes/32oivHx5crW5QQNR/lKdq5AyfwPB9V1Ak5E
            uoKNFCJUp+2SnIYF4kEqbAxbqGP4ZqrH4sbgnBid+LL/azxrlJ0TuAk9ZxpY8mIT
            lYE5K+jN0U6eAFVRWfnrkQDQkLhf9sYlowf+w21ck4owc+iHPuM5KvMKYsLhmKg=
            -----END ENCRYPTED PRIVATE KEY-----
            """,
            key: 0
        ),
        // -scrypt
        (
            pem: """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAhEc8aUyChnVQICBAAC
            AQgCAQEwHQYJYIZIAWUDBAEqBBAiRh5GmEQ5quB+XXrQI4CTBECiKD8RQ5QuVmDc
            RYy9XGeTN0WB9RAKusIFAxQB3ZdkP4HB11ckERpZEE9MFMS6FP3DTAfT1+X1JhvY
            9pLfiIiC
            -----END ENCRYPTED PRIVATE KEY-----
            """,
            key: 1
        ),
        // -v2 aes-128-cbc -v2prf hmacWithSHA1
        (
            pem: """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHeMEkGCSqGSIb3DQEFDTA8MBsGCSqGSIb3DQEFDDAOBAgiJ1rUQx/xGAICCAAw
            HQYJYIZIAWUDBAECBBD3wsCFcm1vUsvN8NK+SziYBIGQM/HNp5o5o3OiZDr+qT55
            imchK5Id2TbQqwFPAHpbEYjOiaQNZLG+TvW0uIvyKUNuJnWxr3ZmaZq/gVYfRHsN
            YKGS7KR9qo9HUxvMpoKZCFZ8EURzscjzIK7MZ4cV4n7gL6vVBXMkU2Ix0+fEibBO
            CBdD/+QfVSYvv9pMV8J4ZE8DtkNSEpWW8B77/8ZHniBJ
            -----END ENCRYPTED PRIVATE KEY-----
            """,
            key: 0
        ),
    ]

    private static func reason(_ pem: String, _ passphrase: String?) -> SigningKeyError.Reason? {
        do throws(SigningKeyError) {
            _ = try SigningKey(pem: Array(pem.utf8), name: "k", passphrase: passphrase.map { Array($0.utf8) })
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("A passphrase opens a key", arguments: encrypted.indices)
    func opens(index: Int) throws {
        let (pem, number) = Self.encrypted[index]
        let key = try SigningKey(pem: Array(pem.utf8), name: "k", passphrase: Array("secret".utf8))
        let publicKey = try PublicKey(pem: Array(Self.publicKeys[number].utf8), name: "k")
        #expect(key.publicKey.hint == publicKey.hint)
        #expect(publicKey.isValid(try key.signature(for: [1, 2, 3]), for: [1, 2, 3]))
        for other in ["", "Secret", "secret ", "s"] { #expect(Self.reason(pem, other) == .wrongPassphrase) }
        #expect(Self.reason(pem, nil) == .needsPassphrase)
    }

    @Test("What isn't encrypted in a known way is refused")
    func refused() {
        let triple = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHjME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAh1WCojPQyezQICCAAw
            DAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQIh55MYAJwupAEgZDoi4ULSgtRyXyQ
            qYM21QpvKOBJNdxyzXPkQ/S/49GlYlzWaSC4ghWiJhx+UWAR68FpAk/aJ9DeDH5p
            Y/T8+EkZTHCcMfwMtlr3a9C12ccV4BQjTnO3j6Ze47oqdmeqvXlHQxruDGCsqfuR
            przwkNCipCyGLh15FI56L8x8qStrNUOwN2fi78YcabJp9crLMqM=
            -----END ENCRYPTED PRIVATE KEY-----
            """
        #expect(Self.reason(triple, "secret") == .encrypted)
    }
}
