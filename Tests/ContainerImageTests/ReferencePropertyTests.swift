import ContainerImage
import TestSupport
import Testing

/// What holds for every text, over generated ones that are the same in every run.
@Suite("Properties of image references")
struct ReferencePropertyTests {
    /// A text made of parts as references have them, some of them wrong.
    private func text(_ generator: inout SplitMix) -> String {
        func one(_ texts: [String]) -> String { texts.randomElement(using: &generator) ?? "" }
        func word(_ alphabet: String, _ lengths: ClosedRange<Int>) -> String {
            let characters = Array(alphabet)
            let length = Int.random(in: lengths, using: &generator)
            return String((0..<length).map { _ in characters.randomElement(using: &generator) ?? "a" })
        }
        let host = one([
            "", "", "", "docker.io/", "index.docker.io/", "localhost/", "localhost:5000/", "r.io/", "a-b.c:1/",
            "9.9.9.9/", "r.io/", "R.io:443/",
            "127.0.0.1:5000/",
            "[::1]:5000/", "[fe80::1]/", "::1/", "r.io:/", "r.io:99999/", "ü.io/", "a b.io/", "user@r.io/",
            "http://r.io/",
            word("ab.:-[]", 1...6) + "/",
        ])
        let path = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            one([
                word("abcxyz019", 1...8), word("abcxyz019", 2...3), word("abc_-.", 1...5), word("abc_-.", 2...4),
                "team", word("aA/ é\n", 0...3), word("a", 240...260),
                "library", "",
            ])
        }.joined(separator: "/")
        let tag = one([
            "", "", "", ":", ":1", ":latest", ":" + word("aZ9_.-", 1...6), ":" + word("t", 126...130), ":a b", "::x",
        ])
        let digest = one([
            "", "", "", "", "@sha256:" + word("0123456789abcdef", 64...64),
            "@sha256:" + word("0123456789abcdef", 64...64), "@sha256:" + word("0123456789abcdefG", 63...65),
            "@",
            "@sha512:ab", "@x@y",
        ])
        return host + path + tag + digest
    }

    private func isPath(_ path: String) -> Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789_-.".utf8)
        return (1...255).contains(path.utf8.count)
            && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(allowed.contains) }
    }

    /// Whether a reference that was read from `text` is as it must be.
    private func isWellFormed(_ reference: ImageReference, from text: String) -> Bool {
        let (written, repository) = (reference.description, reference.repository)
        guard (try? ImageReference(written)) == reference, (try? Repository(repository.description)) == repository,
            (try? RegistryHost(repository.registry.name)) == repository.registry, isPath(repository.path),
            repository.registry != .dockerHub || repository.path.contains("/"),
            written.utf8.allSatisfy({ (33...126).contains($0) })
        else { return false }
        switch reference {
        case .tag(_, let tag):
            return !text.contains("@") && (1...128).contains(tag.name.utf8.count)
                && (tag == .latest || text.hasSuffix(":" + tag.name))
        case .digest(let digest):
            return text.hasSuffix("@" + digest.digest.description) && digest.digest.hex.utf8.count == 64
        }
    }

    @Test("references by digest are in the order of their texts", arguments: 1...4)
    func order(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let letters = Array("ab0_-./")
        let references = (0..<200).compactMap { _ -> DigestReference? in
            let path = String((0..<generator.below(5) + 1).map { _ in letters[generator.below(letters.count)] })
            let host = ["a.io", "a.io:1", "A.io", "docker.io"][generator.below(4)]
            let digest = Digest(of: [UInt8(generator.below(3))], by: generator.below(2) == 0 ? .sha256 : .sha512)
            return (try? Repository("\(host)/\(path)")).map { DigestReference(repository: $0, digest: digest) }
        }
        try #require(references.count > 60)
        for one in references {
            #expect(references.allSatisfy { (one < $0) == (one.description < $0.description) }, "\(one)")
        }
    }

    @Test("what is accepted is well-formed and reads back as the same; what is refused is named", arguments: 1...4)
    func generated(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var (accepted, refused) = (0, 0)
        var wrong: [String] = []
        for _ in 0..<1000 {
            let text = text(&generator)
            do {
                if !isWellFormed(try ImageReference(text), from: text) { wrong.append(text) }
                accepted += 1
            } catch {
                if error.text != text || !error.description.contains("'\(text)'") { wrong.append(text) }
                refused += 1
            }
        }
        #expect(wrong == [])
        #expect(accepted > 40 && refused > 400, "\(accepted) accepted, \(refused) refused")
    }

    @Test(
        "a good reference with a few bytes changed is accepted or refused, and never more than that",
        arguments: 1...4
    )
    func changed(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let good = "registry.example.com:5000/team/app:v1.2@sha256:" + String(repeating: "ab", count: 32)
        var accepted = 0
        var wrong: [String] = []
        for _ in 0..<1000 {
            var bytes = Array(good.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: position)
                case 2: bytes.insert(bytes[position], at: position)
                default: bytes[position] = bytes[Int.random(in: bytes.indices, using: &generator)]
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let reference = try? ImageReference(text) else { continue }
            accepted += 1
            if !isWellFormed(reference, from: text) { wrong.append(text) }
        }
        #expect(wrong == [])
        #expect(accepted > 80, "\(accepted) accepted")
    }
}
