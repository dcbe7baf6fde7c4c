import ContainerImage
import TestSupport
import Testing

/// What is told of JSON before it is decoded, over generated texts that are the same in every run.
@Suite("Properties of JSON texts")
struct JSONPropertyTests {
    /// Whether `bytes` are nested at most as deep as may be, told byte by byte.
    private func isWithinLimit(_ bytes: [UInt8]) -> Bool {
        var (depth, isText, isEscaped) = (0, false, false)
        for byte in bytes {
            if isText {
                (isEscaped, isText) = (byte == 0x5C && !isEscaped, isEscaped || byte != 0x22)
            } else if byte == 0x22 {
                isText = true
            } else if byte == 0x5B || byte == 0x7B {
                depth += 1
                if depth > JSONNesting.limit { return false }
            } else if byte == 0x5D || byte == 0x7D {
                depth -= 1
            }
        }
        return true
    }

    @Test("Where strings end is told right, whatever is in them, and however long they are", arguments: 1...4)
    func strings(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var counts = [false: 0, true: 0]
        for _ in 0..<500 {
            let letters = Array("[[[[[[{]\"\\aaaaaaaaaaaaaaaaaaaa\u{A2}\u{DC}".utf8)
            let count = generator.below(2400)
            let bytes = (0..<count).map { _ in letters[generator.below(letters.count)] }
            let isWithin = isWithinLimit(bytes)
            counts[isWithin, default: 0] += 1
            #expect(JSONNesting.isWithinLimit(bytes) == isWithin, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(counts.values.allSatisfy { $0 > 20 }, "\(counts)")
    }

    @Test("A key that is twice, or known by another spelling, is found among any number of others", arguments: 1...4)
    func keys(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let shape = JSONShape.object(knowing: ["mediaType": .object(knowing: ["size": .anything]), "layers": .anything])
        var outcomes: [String: Int] = [:]
        for _ in 0..<500 {
            let length = generator.below(40)
            let pool =
                (0..<generator.below(400) + 1).map { "k\($0)" } + ["mediaType", "layers", "MediaType", "x\\u0061"]
            let keys = (0..<length).map { _ in pool[generator.below(pool.count)] }
            let text = "{" + keys.map { #""\#($0)":[{"size":"\""}]"# }.joined(separator: ",") + "}"
            var seen: Set<String> = []
            var expected = "none"
            for key in keys where expected == "none" {
                if !seen.insert(key).inserted {
                    expected = "twice"
                } else if key == "MediaType" {
                    expected = "spelling"
                }
            }
            var found = "none"
            do throws(JSONAmbiguityError) {
                try shape.check(Array(text.utf8))
            } catch {
                if case .twice = error { found = "twice" } else { found = "spelling" }
            }
            outcomes[found, default: 0] += 1
            #expect(found == expected, "\(text)")
        }
        #expect(outcomes.count == 3 && outcomes.values.allSatisfy { $0 > 20 }, "\(outcomes)")
    }
}
