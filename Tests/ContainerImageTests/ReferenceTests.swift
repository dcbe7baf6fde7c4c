import ContainerImage
import TestSupport
import Testing

private let hex = String(repeating: "a", count: 64)

@Suite("Image references")
struct ReferenceTests {
    @Test(
        "names are written out in full",
        arguments: [
            ("nginx", "index.docker.io/library/nginx:latest"),
            ("nginx:1.25", "index.docker.io/library/nginx:1.25"),
            ("team/app", "index.docker.io/team/app:latest"),
            ("docker.io/nginx", "index.docker.io/library/nginx:latest"),
            ("docker.io/team/app:x", "index.docker.io/team/app:x"),
            ("index.docker.io/nginx", "index.docker.io/library/nginx:latest"),
            ("gcr.io/project/app", "gcr.io/project/app:latest"),
            ("registry.example.com:5000/a/b/c:v1", "registry.example.com:5000/a/b/c:v1"),
            ("localhost/thing", "localhost/thing:latest"),
            ("localhost:5000/thing", "localhost:5000/thing:latest"),
            ("127.0.0.1:5000/x/y", "127.0.0.1:5000/x/y:latest"),
            ("[::1]:5000/x/y:z", "[::1]:5000/x/y:z"),
            ("a__b/c--d.e:T_a.g-1", "index.docker.io/a__b/c--d.e:T_a.g-1"),
            ("nginx@sha256:\(hex)", "index.docker.io/library/nginx@sha256:\(hex)"),
            ("r.io/app:1.0@sha256:\(hex)", "r.io/app@sha256:\(hex)"),
            ("r.io:5000/app@sha256:\(hex)", "r.io:5000/app@sha256:\(hex)"),
            ("r.io/app:", "r.io/app:latest"),
            ("r.io/app:@sha256:\(hex)", "r.io/app@sha256:\(hex)"),
            ("Registry.Example.COM/app", "Registry.Example.COM/app:latest"),
            ("r.io/a", "r.io/a:latest"),
            ("192.168.0.1/x/y", "192.168.0.1/x/y:latest"),
            ("[2001:db8::1]/x/y", "[2001:db8::1]/x/y:latest"),
            ("r.io/app:" + String(repeating: "t", count: 128), "r.io/app:" + String(repeating: "t", count: 128)),
            ("r.io/" + String(repeating: "a", count: 255), "r.io/" + String(repeating: "a", count: 255) + ":latest"),
        ]
    )
    func parsing(text: String, full: String) throws {
        let reference = try ImageReference(text)
        #expect(reference.description == full)
        #expect(try ImageReference(full) == reference)
    }

    @Test(
        "an invalid reference is refused with the text and the reason",
        arguments: [
            ("", "it is empty"),
            ("Nginx", "lowercase"), ("https://r.io/app", "remove the scheme"),
            ("http://r.io/app:1", "remove the scheme"),
            ("r.io/Lib/App:1.0", "lowercase"),
            ("a b", "invalid character ' '"),
            ("r.io/app:a b", "is not a valid tag"),
            ("r.io/app:" + String(repeating: "t", count: 129), "the tag has 129 characters"),
            ("r.io/app@sha256:abc", "64 hexadecimal digits"),
            ("r.io/app@sha512:\(hex)", "must be followed by 128"),
            ("r.io/app@sha384:\(hex)", "must begin with 'sha256:' or 'sha512:'"),
            ("r.io/app@sha256:" + String(repeating: "G", count: 64), "0-9 and a-f"),
            ("r.io//app", "empty path components"),
            ("r.io/app/", "empty path components"),
            ("r.io:port/app", "'r.io:port' is not a valid registry"),
            ("r.io:70000/app", "'r.io:70000' is not a valid registry"),
            (String(repeating: "a", count: 256), "has 256 characters"),
            ("x", "has 1 character;"), (String(repeating: "a", count: 250), "has 258 characters"),
        ]
    )
    func refusals(text: String, reason: String) {
        let error = #expect(throws: ReferenceError.self) { try ImageReference(text) }
        #expect(error?.text == text)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("random texts are refused, or written out so that they read as the same")
    func randomTexts() {
        var generator = SplitMix(seed: 1)
        let alphabet = Array("ab1AZ:./@-_[]% \u{e9}sha256:latest\n")
        var accepted = 0
        for _ in 0..<50_000 {
            let length = Int.random(in: 0...24, using: &generator)
            var text = String((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
            if Bool.random(using: &generator) { text = "r.io/" + text.lowercased() }
            if Int.random(in: 0..<4, using: &generator) == 0 { text += "@sha256:" + hex }
            guard let reference = try? ImageReference(text) else { continue }
            accepted += 1
            #expect((try? ImageReference(reference.description)) == reference, "\(text)")
        }
        #expect(accepted > 1000)
    }

    @Test("a digest is needed where one is needed")
    func digestReference() throws {
        let error = #expect(throws: ReferenceError.self) { try DigestReference("nginx:1.25") }
        #expect(error?.reason == .noDigest)
        #expect(try DigestReference("nginx:1@sha256:\(hex)").digest.hex == hex)
    }

    @Test(
        "hosts of the local network, as go-containerregistry has them",
        arguments: [
            ("registry.local", true), ("registry.local:5000", true), ("app.localhost:1", true), ("10.0.0.1:5000", true),
            ("172.16.0.1", true), ("172.31.255.255:5000", true), ("192.168.3.4", true),
            ("172.32.0.1", false), ("11.0.0.1", false), ("192.169.0.1", false), ("10.0.0.256", false),
            ("10.0.0.1.example.com", false), ("local.example.com", false), ("8.8.8.8", false),
        ]
    )
    func localNetwork(host: String, isLocal: Bool) throws {
        #expect(try RegistryHost(host).isOnLocalNetwork == isLocal)
    }

    @Test(
        "loopback hosts",
        arguments: [
            ("localhost", true), ("localhost:5000", true), ("127.0.0.1:1", true), ("127.9.9.9", true),
            ("[::1]:80", true),
            ("127.0.0.1.example.com", false), ("128.0.0.1", false), ("localhost.example.com", false),
        ]
    )
    func loopback(host: String, isLoopback: Bool) throws {
        #expect(try RegistryHost(host).isLoopback == isLoopback)
    }
}
