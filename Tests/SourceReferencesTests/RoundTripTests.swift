import ContainerImage
import SourceReferences
import Testing

@Suite("Pinning and back")
struct RoundTripTests {
    private static let filesPerKind = 500

    @Test("Random files are as they were when their digests are removed", arguments: SourceFileKind.allCases)
    func roundTrip(_ kind: SourceFileKind) throws {
        for seed in 0..<Self.filesPerKind {
            var generator = RandomSourceFile(seed: UInt64(seed + 1))
            let text = generator.text(kind)
            let pinned = try PinningTests.pinned(text, kind)
            #expect(try PinningTests.unpinned(pinned, kind) == text, "seed \(seed)")
            // Every reference has its digest, and without the digests everything is as it was.
            let digests = pinned.split(separator: PinningTests.digest, omittingEmptySubsequences: false).count - 1
            #expect(digests == generator.count, "seed \(seed): \(text)")
            if kind != .kustomize, kind != .helmValues {
                #expect(pinned.replacing("@\(PinningTests.digest)", with: "") == text, "seed \(seed)")
            }
        }
    }

    @Test("So are those whose tags are in comments", arguments: SourceFileKind.allCases)
    func comments(_ kind: SourceFileKind) throws {
        for seed in 0..<(Self.filesPerKind / 5) {
            var generator = RandomSourceFile(seed: UInt64(seed + 1))
            let text = generator.text(kind)
            let file = SourceFile(path: "file", bytes: Array(text.utf8), kind: kind)
            var edits: [SourceEdit] = []
            for reference in try file.references() where reference.disposition == .reference {
                let form = reference.hasRoomForNote ? PinForm.digest : .tagAndDigest
                edits += try file.edits(pinning: reference, to: try Digest(PinningTests.digest), as: form)
            }
            let pinned = String(decoding: try file.applying(edits).bytes, as: UTF8.self)
            #expect(try PinningTests.unpinned(pinned, kind) == text, "seed \(seed): \(pinned)")
            let moved = try PinningTests.pinned(pinned, kind, to: PinningTests.other)
            #expect(moved == pinned.replacing(PinningTests.digest, with: PinningTests.other), "seed \(seed)")
        }
    }
}
