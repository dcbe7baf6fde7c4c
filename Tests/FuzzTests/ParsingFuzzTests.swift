import ContainerImage
import FoundationEssentials
import HTTPTransport
import RegistryClient
import TestSupport
import Testing

@Suite("Whatever a parser is given, it takes or refuses")
struct ParsingFuzzTests {
    @Test("references come out as they went in")
    func references() async {
        let digest = "sha256:" + String(repeating: "0f", count: 32)
        var fuzzer = Fuzzer(
            "references",
            seeds: ["nginx", "r.io:5000/a/b:1.0", "localhost/x@\(digest)", "[::1]:5000/a", "a/b:1@\(digest)"],
            words: ["@", ":", "/", "sha256:", "..", "__", "A", "é", "\0", digest, "localhost"]
        )
        await fuzzer.run { bytes in
            guard let reference = try? ImageReference(String(decoding: bytes, as: UTF8.self)) else { return }
            let text = "\(reference)"
            #expect((try? ImageReference(text)) == reference, "\(text)")
            #expect(text.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "\(bytes)")
        }
    }

    @Test("manifests have sizes that can be, or are refused")
    func manifests() async {
        let digest = "sha256:" + String(repeating: "a1", count: 32)
        let blob = #"{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\#(digest)","size":12}"#
        let image = #"{"schemaVersion":2,"config":\#(blob),"layers":[\#(blob),\#(blob)],"annotations":{"k":"v"}}"#
        let entry = #"{"digest":"\#(digest)","size":3,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}}"#
        let index = #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entry)]}"#
        var fuzzer = Fuzzer(
            "manifests",
            seeds: [image, index, #"{"schemaVersion":1}"#],
            words: [
                "{", "}", "[", "]", "\"", ":", ",", "null", "\\u0000", "\\ud800", "\"manifests\":", "\"size\":", digest,
            ]
        )
        let types = [MediaType.ociManifest, .ociIndex, .dockerManifest, MediaType("text/html")]
        var turn = 0
        await fuzzer.run { bytes in
            turn += 1
            let manifest = RawManifest(mediaType: types[turn % types.count], bytes: bytes)
            _ = ImageConfig(bytes)
            switch try? manifest.parsed() {
            case .image(let image)?:
                let sizes = (image.layers + [image.config]).map(\.size)
                #expect(sizes.allSatisfy { (0...Descriptor.sizeLimit).contains($0) })
            case .index(let index)?:
                #expect(index.manifests.allSatisfy { (0...Descriptor.sizeLimit).contains($0.size) })
            case nil: break
            }
        }
    }

    @Test("docker's configuration gives a login or an error that names the file")
    func dockerConfiguration() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let auth = Data("alice:s3cret".utf8).base64EncodedString()
        var fuzzer = Fuzzer(
            "docker's config.json",
            seeds: [
                #"{"auths":{"r.io":{"auth":"\#(auth)"},"https://index.docker.io/v1/":{"identitytoken":"t"}}}"#,
                #"{"auths":{"https://r.io/v2/":{"username":"u","password":"p"},"r.io/a":{"registrytoken":"x"}}}"#,
            ],
            words: ["{", "}", "[", "\"", "r.io", "auth", "://", "/v1/", "Og==", "=", "null", "\\u0000"]
        )
        let repositories = try [Repository("r.io/a/b"), Repository("nginx")]
        await fuzzer.run { bytes in
            try? Data(bytes).write(to: folder.appending(path: "config.json"))
            do {
                let store = CredentialStore(variables: ["DOCKER_CONFIG": folder.path], prefix: "REGISTRY")
                for repository in repositories {
                    guard let found = try await store.credential(for: repository) else { continue }
                    switch found {
                    case .password(let username, _): #expect("\(found)" == "password of \(username)")
                    case .identityToken: #expect("\(found)" == "identity token")
                    case .registryToken: #expect("\(found)" == "registry token")
                    }
                }
            } catch {
                #expect("\(error)".contains("config.json") && !"\(error)".contains("s3cret"), "\(error)")
            }
        }
    }

    @Test("what credential helpers and token servers answer is a login or token that can be, or none")
    func credentialAnswers() async {
        var fuzzer = Fuzzer(
            "credentials",
            seeds: [
                #"{"ServerURL":"r.io","Username":"alice","Secret":"s3cret"}"#, #"{"Username":"<token>","Secret":"t"}"#,
                "credentials not found in native keychain", #"{"token":"t","expires_in":300}"#,
                #"{"access_token":"t","token":"","expires_in":"60","issued_at":"2026-01-01T00:00:00Z"}"#,
            ],
            words: [
                "{", "}", "[", "\"", ":", ",", "null", "\\u0000", "\\ud800", "1e999", "Username", "expires_in", "\u{0}",
            ]
        )
        await fuzzer.run { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            if case .credential(let credential) = CredentialHelperAnswer(text) {
                #expect("\(credential)" == "identity token" || "\(credential)".hasPrefix("password of "))
            }
            _ = CredentialHelperAnswer.saysNotFound(text)
            guard let answer = TokenAnswer(bytes) else { return }
            #expect(!answer.token.isEmpty)
            if let lifetime = answer.lifetime { #expect(lifetime >= .seconds(1) && lifetime <= .seconds(31_536_000)) }
        }
    }

    @Test("challenges, dates, ranges and addresses are read or passed over")
    func headers() async {
        var fuzzer = Fuzzer(
            "headers",
            seeds: [
                #"Bearer realm="https://auth.example.com/token",service="r.io",scope="repository:a/b:pull,push""#,
                #"Basic realm="a \"b\"", Bearer realm=x"#, "bytes 5-9/10", "bytes 0-9/*",
                "Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "120",
                "https://user:pass@[::1]:5000/v2/a?x=1#y", "//host/path", "../up?x",
            ],
            words: ["\"", "\\", ",", "=", " ", "Bearer ", "realm=", "Basic", ":", "/", "[", "]", "@", "?", "é", "\t"]
        )
        let base = RegistryURL(scheme: "https", authority: "r.io", pathAndQuery: "/v2/a/b?c")
        await fuzzer.run { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            for challenge in AuthenticationChallenge.parse([text[...]]) {
                if case .bearer(let realm, _, _) = challenge { #expect(realm.count <= text.count) }
            }
            if let range = ContentRange(text) { #expect(range.start >= 0) }
            if let seconds = RetryAfter.seconds(text, now: 1_000_000_000) { #expect(seconds >= 0) }
            for url in [RegistryURL(text), base.resolving(text)].compactMap(\.self) {
                #expect(url.text.hasPrefix("http") && url.origin.contains("://"))
                #expect(!url.description.contains("?"), "\(url)")
                #expect((1...65535).contains(url.hostAndPort.port), "\(url)")
            }
        }
    }

    @Test("what is quoted in a challenge comes out as it was", arguments: [1, 2, 3] as [UInt64])
    func challengeRoundTrip(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let alphabet = Array(#"abc/:.,="\ é?&%"#)
        for _ in 0..<2000 {
            let realm = String((0..<random.below(20)).map { _ in alphabet[random.below(alphabet.count)] })
            let quoted = realm.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let header = "Negotiate a+/b==, Basic realm=\"x\", Bearer realm=\"\(quoted)\" , service=s"
            let expected: [AuthenticationChallenge] = [
                .basic(realm: "x"), .bearer(realm: realm, service: "s", scope: nil),
            ]
            #expect(AuthenticationChallenge.parse([header[...]]) == expected, "\(header)")
        }
    }

    @Test("certificates give names or none")
    func certificates() async {
        // A certificate's shape: version, serial number, algorithm, issuer, validity, subject.
        let name: [UInt8] = [0x30, 12, 0x31, 10, 0x30, 8, 0x06, 3, 0x55, 4, 3, 0x0C, 1, 0x61]
        let alternatives: [UInt8] = [0x30, 9, 0x82, 1, 0x62, 0x87, 4, 127, 0, 0, 1]
        let entry: [UInt8] = [0x30, 18, 0x06, 3, 0x55, 0x1D, 0x11, 0x04, 11] + alternatives
        let extensions: [UInt8] = [0xA3, 22, 0x30, 20] + entry
        let fields: [UInt8] = [0xA0, 3, 2, 1, 2, 2, 1, 5, 0x30, 0] + name + [0x30, 0] + name + [0x30, 0] + extensions
        let seed: [UInt8] = [0x30, UInt8(fields.count + 2), 0x30, UInt8(fields.count)] + fields
        let names = try? CertificateNames(der: seed)
        #expect(names?.isSelfIssued == true)
        #expect(names?.subjectName == "a")
        #expect(names?.dnsNames == ["b"] && names?.ipAddresses == [[127, 0, 0, 1]])
        var fuzzer = Fuzzer("certificates", seeds: [seed])
        await fuzzer.run { bytes in
            guard let names = try? CertificateNames(der: bytes) else { return }
            #expect((names.subjectName + names.issuerName).utf8.allSatisfy { $0 >= 32 && $0 < 127 })
        }
    }
}
