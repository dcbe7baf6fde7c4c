import ContainerImage
import Dispatch
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import LibC
import Packages
import Synchronization
import TestSupport
import Testing

/// Signatures in packages that pass through once.
extension SignatureGateTests {
    /// How a package comes to be.
    enum Making: String, CaseIterable {
        case gate, artifacts, copied, merged, extracted, extractedFromStream
    }

    /// Hands the bytes of the file `path` to what reads a pipe, as fast as it takes them.
    ///
    /// - Returns: How many were taken.
    private func stream(_ path: String, _ read: (String) async throws -> Void) async throws -> Int {
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (input, output) = (ends[0], ends[1])
        defer { close(input) }
        // A program that another test starts meanwhile would keep the pipe open.
        for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        try #require(fcntl(output, F_SETFL, O_NONBLOCK) == 0)
        let isDone = Mutex(false)
        async let taken = Self.write(bytes, to: output) { isDone.withLock(\.self) }
        defer { isDone.withLock { $0 = true } }
        try await read("/dev/fd/\(input)")
        isDone.withLock { $0 = true }
        return await taken
    }

    private static func write(
        _ bytes: [UInt8],
        to output: Int32,
        until isDone: @escaping @Sendable () -> Bool
    ) async -> Int {
        await withCheckedContinuation { continuation in
            // Waiting for room in the pipe needs a thread of its own.
            DispatchQueue.global().async {
                defer { close(output) }
                var count = 0
                while count < bytes.count {
                    let wasDone = isDone()
                    let written = bytes[count...].withUnsafeBytes { LibC.write(output, $0.baseAddress, $0.count) }
                    if written > 0 {
                        count += written
                    } else if wasDone {
                        break
                    } else {
                        var room = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
                        _ = poll(&room, 1, 20)
                    }
                }
                continuation.resume(returning: count)
            }
        }
    }

    /// Images of three large layers, of which some come before and some after the signatures by their digests.
    ///
    /// - Parameter isBundled: Whether a signature has another digest each time.
    private func large(isBundled: Bool = true) throws -> [DigestReference] {
        let layers = (0..<8).map { [UInt8](repeating: UInt8($0), count: 1 << 20) }
        let image = try store.repository("a.example/large").put(try SampleImage(layers: layers))
        if isBundled { try signAll() } else { for reference in references { try tag(reference) } }
        try tag(image)
        return [image]
    }

    private func path(_ making: Making, with images: [DigestReference]) async throws -> String {
        let original = try await package(making == .gate ? options("team.pub") : SignatureGate.Options(), with: images)
        {
            $0.artifacts.takesCosign = making != .gate
            $0.artifacts.takesReferrers = making != .gate
        }
        let result = folder.path(of: "result.tar")
        switch making {
        case .gate, .artifacts: return original
        case .copied:
            let options = CopyWorkflow.Options(from: .package(path: original), to: .package(path: result))
            _ = try await CopyWorkflow(options, in: lines.context).run(in: store, progress: nil)
        case .merged:
            try await MergeWorkflow([original], to: result, keepingAll: true, log: lines.context.log).run(progress: nil)
        case .extracted:
            let options = PartialPackageWorkflow.Options(input: original, output: result)
            try await PartialPackageWorkflow(options, in: lines.context).run(progress: nil)
        case .extractedFromStream:
            _ = try await stream(original) { path in
                let options = PartialPackageWorkflow.Options(input: path, output: result)
                try await PartialPackageWorkflow(options, in: lines.context).run(progress: nil)
            }
        }
        let (one, other) = try (Data(contentsOf: URL(filePath: original)), Data(contentsOf: URL(filePath: result)))
        #expect(one == other)
        return result
    }

    @Test("Nothing large is taken from a stream before its signatures are judged", arguments: Making.allCases)
    func first(making: Making) async throws {
        let path = try await path(making, with: try large())
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        let taken = try await stream(path) { input in
            #expect(await refusal { try await unpackage(input, options("other.pub")) }.count == 4)
        }
        // What a pipe holds, and what is read ahead.
        #expect(taken < size / 2, "\(taken) of \(size)")
        #expect(try store.repository("to.example/app").content.blobs.isEmpty)
        let all = try await stream(path) { try await unpackage($0, options("team.pub")) }
        #expect(all == size)
        #expect(try store.repository("to.example/app").content.manifests.count > 3)
        #expect(!lines.all.contains { $0.hasPrefix("the signatures come after") })
    }

    @Test("Where signatures come later nothing gets a name before they are judged")
    func later() async throws {
        let original = try await AnyPackage(path: try await path(.gate, with: try large(isBundled: false)))
        let path = folder.path(of: "later.tar")
        // In the order of digests, as packages are written that know nothing of signatures.
        let plan = try ArchivePlan(original.trees, metadata: original.metadata)
        try await ArchiveWriter(path: path).write(plan, from: { _ in original }, atMost: 1)
        for (key, count) in [("other.pub", 0), ("team.pub", 8)] {
            _ = try await stream(path) { input in
                let refused = await refusal { try await unpackage(input, options(key)) }
                #expect(refused.isEmpty == (count > 0))
            }
            #expect(try store.repository("to.example/app").content.manifests.count == count)
        }
        #expect(lines.all.contains { $0.hasPrefix("the signatures come after") })
        // Taken out of a stream they stay where they are.
        let part = folder.path(of: "part.tar")
        _ = try await stream(path) { input in
            let options = PartialPackageWorkflow.Options(input: input, output: part)
            try await PartialPackageWorkflow(options, in: lines.context).run(progress: nil)
        }
        #expect(try Data(contentsOf: URL(filePath: part)) == Data(contentsOf: URL(filePath: path)))
    }

    @Test("What nothing is attached to is written in the order of digests, as the original does")
    func plain() async throws {
        let images = try large()
        let path = try await package(SignatureGate.Options(), with: images)
        let package = try await AnyPackage(path: path)
        let expected = folder.path(of: "expected.tar")
        try await ArchiveWriter(path: expected).write(try ArchivePlan(package.trees), from: { _ in package }, atMost: 1)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(contentsOf: URL(filePath: expected)))
        // With signatures among the documents' images, too.
        let store = self.store
        let signature = try #require(try store.repository("a.example/large").content.tags.values.first)
        let named = DigestReference(repository: images[0].repository, digest: signature)
        let both = try await self.package(SignatureGate.Options(), with: images + [named])
        let trees = try await AnyPackage(path: both)
        try await ArchiveWriter(path: expected).write(try ArchivePlan(trees.trees), from: { _ in trees }, atMost: 1)
        #expect(try Data(contentsOf: URL(filePath: both)) == Data(contentsOf: URL(filePath: expected)))
    }
}
