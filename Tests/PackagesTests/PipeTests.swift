import ContainerImage
import FoundationEssentials
import ImageStore
import LibC
import Packages
import Synchronization
import TestSupport
import Testing

@Suite("Packages written where there is no going back")
struct PipeTests {
    /// What comes out at the other end of a pipe.
    private final class Reader: Sendable {
        private let descriptor: Int32
        private let bytes = Mutex<[UInt8]>([])

        /// Opens the pipe at `path`, which nobody need write to yet.
        init(_ path: String) throws {
            descriptor = open(path, O_RDONLY | O_NONBLOCK)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        /// Takes what is there until `isDone`, and then the rest.
        func drain(until isDone: @Sendable () -> Bool) async {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let wasDone = isDone()
                let count = read(descriptor, &buffer, buffer.count)
                if count > 0 {
                    bytes.withLock { $0 += buffer[..<count] }
                } else if wasDone {
                    return
                } else {
                    await Task.yield()
                }
            }
        }

        var all: [UInt8] { bytes.withLock(\.self) }
    }

    private func piped(_ tree: ImageTree, layers: [[UInt8]], atMost limit: Int) async throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let pipe = folder.path(of: "pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let reader = try Reader(pipe)
        let isDone = Mutex(false)
        async let drained: Void = reader.drain { isDone.withLock(\.self) }
        let written = await Result {
            try await ArchiveWriter(path: pipe).write(
                ArchivePlan([tree]),
                from: { _ in MemoryBlobs(layers) },
                atMost: limit
            )
        }
        isDone.withLock { $0 = true }
        await drained
        try written.get()
        return reader.all
    }

    @Test("A pipe gets the same bytes as a file, whether layers are read ahead or pass through", arguments: [1, 8])
    func sameBytes(limit: Int) async throws {
        let large = [UInt8](repeating: 7, count: (4 << 20) + 1)
        let layers = Package.layers + [large] + (0..<20).map { Array("layer \($0)".utf8) }
        let image = try SampleImage(layers: layers)
        let tree = image.tree(in: try Repository("r.io/app"))
        let package = try await Package([tree], layers: layers)
        defer { package.remove() }
        #expect(try await piped(tree, layers: layers, atMost: limit) == package.bytes)
    }

    @Test("A layer that can't be had ends the package early, and is named; every reader sees that it has no end")
    func missingLayer() async throws {
        let image = try SampleImage("one", "two")
        let tree = image.tree(in: try Repository("r.io/app"))
        let error = await #expect(throws: (any Error).self) {
            try await piped(tree, layers: [image.layers[0]], atMost: 2)
        }
        #expect(error.map { "\($0)" }?.contains("\(Digest(of: image.layers[1]))") == true)
    }
}

extension Result where Failure == any Error {
    /// What `body` gives or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
