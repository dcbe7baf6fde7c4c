import ContainerImage
import FoundationEssentials
import ImageStore
import LibC
import LoopbackServer
import NIOCore
import Packages
import RegistryServer
import Synchronization
import Testing

@Suite("Uploads to the embedded registry, and where it keeps them")
struct UploadTests {
    private let text = Array("0123456789".utf8)
    private var digest: Digest { Digest(of: text) }

    /// Runs `body` with a folder that is removed in the end.
    private func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "registry-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func files(_ folder: String) -> [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in
            var status = stat()
            return stat("\(folder)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }.sorted()
    }

    private func begin(_ server: LoopbackServer) async throws -> String {
        try #require(try await server.request("POST", "/v2/a/b/blobs/uploads/", body: []).headers["location"])
    }

    @Test("a failure to store bytes ends an upload: nothing with a hole is ever acknowledged")
    func fullDisk() async throws {
        let storage = FailingStorage()
        try await LoopbackServer.serving(storage) { [text, digest] server in
            let location = try await begin(server)
            #expect(try await server.request("PATCH", location, body: Array(text[..<4])).status == 202)
            storage.fail(true)
            let refused = try await server.request("PATCH", location, body: Array(text[4..<7]))
            #expect(refused.status == 500)
            #expect(String(decoding: refused.body, as: UTF8.self) == "the change can't be stored\n")
            storage.fail(false)
            #expect(try await server.request("GET", location).status == 404)
            let rest = try await server.request("PUT", "\(location)?digest=\(digest)", body: Array(text[7...]))
            #expect(rest.status == 404)
            #expect(try await server.request("HEAD", "/v2/a/b/blobs/\(digest)").status == 404)
        }
    }

    @Test("what is stored is compared with what was received before a blob is acknowledged")
    func shortFile() async throws {
        try await inFolder { folder in
            let storage = try FolderStorage(folder: folder)
            try await LoopbackServer.serving(storage) { [text, digest] server in
                let location = try await begin(server)
                #expect(try await server.request("PATCH", location, body: text).status == 202)
                for upload in try FileManager.default.contentsOfDirectory(atPath: folder + "/uploads") {
                    #expect(truncate("\(folder)/uploads/\(upload)", 4) == 0)
                }
                #expect(try await server.request("PUT", "\(location)?digest=\(digest)", body: []).status == 500)
                #expect(try await server.request("HEAD", "/v2/a/b/blobs/\(digest)").status == 404)
            }
            #expect(files(folder).isEmpty)
        }
    }

    @Test("a request that goes on with an upload takes it over: the digest is that of what is there")
    func twoWriters() async throws {
        try await LoopbackServer.serving(MemoryStorage()) { [text, digest] server in
            let location = try await begin(server)
            try await server.connected { slow in
                try await slow.send(
                    "PATCH \(location) HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"
                )
                _ = try await slow.next()
                try await slow.send(text[..<4])
                while try await server.request("GET", location).headers["range"] != "0-3" {}
                let rest = Array(text[4...])
                let range = ["Content-Range": "4-9"]
                let ended = try await server.request("PUT", "\(location)?digest=\(digest)", range, body: rest)
                #expect(ended.status == 201)
                try await slow.send(text[4...])
                #expect([404, 409].contains(LoopbackAnswer(try #require(try await slow.next())).status))
            }
            #expect(try await server.request("GET", "/v2/a/b/blobs/\(digest)").body == text)
        }
    }

    @Test("an upload that nobody goes on with expires, and its bytes are freed")
    func expiry() async throws {
        try await inFolder { folder in
            let limits = ServerLimits(connections: 9, uploadLifetime: .seconds(3))
            let storage = try FolderStorage(folder: folder)
            try await LoopbackServer.serving(storage, limits: limits) { [text] server in
                let location = try await begin(server)
                #expect(try await server.request("PATCH", location, body: text).status == 202)
                while try await server.request("GET", location).status != 404 {}
            }
            #expect(files(folder).isEmpty)
        }
    }

    @Test("begun and refused uploads leave nothing behind")
    func refusedUploads() async throws {
        try await inFolder { folder in
            let storage = try FolderStorage(folder: folder)
            try await LoopbackServer.serving(storage) { [text] server in
                _ = try await begin(server)
                for digest in ["sha512:abc", "bad", "sha256:zz", "md5:0", "\(Digest(of: [1]))"] {
                    let path = "/v2/a/b/blobs/uploads/?digest=\(digest)"
                    #expect(try await server.request("POST", path, body: text).status == 400)
                }
                try await server.connected { connection in
                    try await connection.send(
                        "POST /v2/a/b/blobs/uploads/?digest=\(Digest(of: [2])) HTTP/1.1\r\nHost: h\r\n"
                            + "Content-Length: 9\r\n\r\nabc"
                    )
                }
                while !files(folder).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            }
        }
    }

    @Test("content goes when no repository has it any more, as a blob or as a manifest")
    func freedContent() async throws {
        try await inFolder { folder in
            let storage = try FolderStorage(folder: folder)
            try storage.append(ByteBuffer(bytes: text), to: "1", at: 0)
            try await storage.commit(upload: "1", size: 10, as: digest, in: "a/b")
            #expect(try storage.mount(digest, from: "a/b", to: "c"))
            try await storage.put(RawManifest(mediaType: .ociManifest, bytes: text), in: "d")
            try await storage.tag("t", as: digest, in: "d")
            #expect(files(folder).contains("blobs/\(digest.hex)"))
            #expect(storage.remove(digest, from: "a/b"))
            #expect(!storage.remove(digest, from: "a/b"))
            #expect(storage.remove(digest, from: "c"))
            #expect(files(folder).contains("blobs/\(digest.hex)"))
            #expect(try storage.remove(manifest: digest, from: "d"))
            #expect(files(folder).isEmpty)
        }
    }

    @Test("content stays while it can't be told whether another repository has it")
    func unreadableFolder() async throws {
        try await inFolder { folder in
            let storage = try FolderStorage(folder: folder)
            try await storage.put(RawManifest(mediaType: .ociManifest, bytes: text), in: "d")
            let loop = "\(folder)/repositories/loop"
            try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: "loop")
            #expect(try storage.remove(manifest: digest, from: "d"))
            #expect(FileManager.default.fileExists(atPath: "\(folder)/blobs/\(digest.hex)"))
            try FileManager.default.removeItem(atPath: loop)
            try await storage.put(RawManifest(mediaType: .ociManifest, bytes: text), in: "d")
            #expect(try storage.remove(manifest: digest, from: "d"))
            #expect(files(folder).isEmpty)
        }
    }

    @Test("one tag is looked up without a look at the others")
    func oneTag() async throws {
        try await inFolder { [text, digest] folder in
            let storage = try FolderStorage(folder: folder)
            try await storage.put(RawManifest(mediaType: .ociManifest, bytes: text), in: "d")
            for tag in ["1", "2", "3"] { try await storage.tag(tag, as: digest, in: "d") }
            #expect(try storage.tags(in: "d") == ["1": digest, "2": digest, "3": digest])
            // A folder in a tag's place is what can't be read.
            let other = "\(folder)/repositories/d/_tags/2"
            try FileManager.default.removeItem(atPath: other)
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
            let content: any RegistryContent = storage
            await #expect(throws: (any Error).self) { try await content.tags(in: "d") }
            #expect(try await content.digest(of: "3", in: "d") == digest)
            #expect(try await content.digest(of: "4", in: "d") == nil)
        }
    }

    @Test("what a process that was killed left is cleared; what has a name stays")
    func restart() async throws {
        try await inFolder { folder in
            var storage: FolderStorage? = try FolderStorage(folder: folder)
            try storage?.append(ByteBuffer(bytes: text), to: "1", at: 0)
            try await storage?.commit(upload: "1", size: 10, as: digest, in: "a/b")
            try storage?.append(ByteBuffer(bytes: text), to: "2", at: 0)
            let kept = files(folder).filter { !$0.hasPrefix("uploads/") }
            #expect(throws: StorageError.self) { try FolderStorage(folder: folder) }
            storage = nil
            let unnamed = "\(folder)/blobs/\(Digest(of: [1], by: .sha512).hex)"
            try Data(text).write(to: URL(filePath: unnamed))
            try Data(text).write(to: URL(filePath: folder + "/blobs/mine.txt"))
            storage = try FolderStorage(folder: folder)
            #expect(Set(files(folder)) == Set(kept + ["blobs/mine.txt"]))
            #expect(storage?.size(of: digest, in: "a/b") == 10)
        }
    }

    @Test("a manifest whose file has been altered is not given")
    func alteredManifest() async throws {
        try await inFolder { folder in
            let storage = try FolderStorage(folder: folder)
            try await storage.put(RawManifest(mediaType: .ociManifest, bytes: text), in: "d")
            try Data(Array("0123456780".utf8)).write(to: URL(filePath: "\(folder)/blobs/\(digest.hex)"))
            #expect(throws: StorageError.self) { try storage.manifest(digest, in: "d") }
        }
    }

    @Test("memory holds blobs of any size, and gives any part", arguments: [0, 1, 1 << 20, (1 << 20) + 1, 5 << 20])
    func memory(size: Int) async throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        let storage = MemoryStorage()
        var offset = 0
        while offset < size {
            let end = min(size, offset + 300_007)
            try storage.append(ByteBuffer(bytes: bytes[offset..<end]), to: "1", at: Int64(offset))
            offset = end
        }
        let digest = Digest(of: bytes)
        #expect(throws: StorageError.self) {
            try storage.append(ByteBuffer(bytes: [1]), to: "1", at: Int64(size + 1))
        }
        try storage.commit(upload: "1", size: Int64(size), as: digest, in: "a")
        for start in [0, size / 3, max(0, size - 1), size] {
            var found: [UInt8] = []
            for try await piece in try await storage.content(of: digest, in: Int64(start)..<Int64(size)) {
                found += Array(piece.readableBytesView)
            }
            #expect(found == Array(bytes[start...]))
        }
    }
}

/// Memory that may be full.
private final class FailingStorage: RegistryStorage {
    private let memory = MemoryStorage()
    private let isFull = Mutex(false)

    func fail(_ isFull: Bool) { self.isFull.withLock { $0 = isFull } }

    func append(_ bytes: ByteBuffer, to upload: String, at offset: Int64) throws {
        if isFull.withLock({ $0 }) { throw ChannelError.eof }
        try memory.append(bytes, to: upload, at: offset)
    }

    func repositories() -> [String] { memory.repositories() }
    func size(of blob: Digest, in repository: String) -> Int64? { memory.size(of: blob, in: repository) }
    func read(_ blob: Digest, at offset: Int64, count: Int) -> ByteBuffer {
        memory.read(blob, at: offset, count: count)
    }
    func mount(_ blob: Digest, from source: String?, to repository: String) -> Bool {
        memory.mount(blob, from: source, to: repository)
    }
    func remove(_ blob: Digest, from repository: String) -> Bool { memory.remove(blob, from: repository) }
    func read(upload: String, at offset: Int64, count: Int) -> ByteBuffer {
        memory.read(upload: upload, at: offset, count: count)
    }
    func commit(upload: String, size: Int64, as blob: Digest, in repository: String) throws {
        try memory.commit(upload: upload, size: size, as: blob, in: repository)
    }
    func cancel(upload: String) { memory.cancel(upload: upload) }
    func manifest(_ digest: Digest, in repository: String) -> RawManifest? { memory.manifest(digest, in: repository) }
    func manifests(in repository: String) -> [Digest] { memory.manifests(in: repository) }
    func tags(in repository: String) -> [String: Digest]? { memory.tags(in: repository) }
    func put(_ manifest: RawManifest, in repository: String) { memory.put(manifest, in: repository) }
    func remove(manifest digest: Digest, from repository: String) -> Bool {
        memory.remove(manifest: digest, from: repository)
    }
    func tag(_ tag: String, as digest: Digest?, in repository: String) { memory.tag(tag, as: digest, in: repository) }
}
