import ContainerImage
import FoundationEssentials
import LoopbackServer
import RegistryServer
import Testing

@Suite("Lists of referrers of the embedded registry")
struct ReferrerTests {
    private static let type = MediaType.ociManifest
    private static let subjects = [Digest(of: [1]), Digest(of: [2])]

    /// An artifact about a subject, told apart by a number.
    private static func artifact(_ number: Int, about subject: Digest) -> [UInt8] {
        ProtocolTests.manifest(
            #""config":\#(ProtocolTests.descriptor("a/b")),"layers":[],"annotations":{"n":"\#(number)"},"#
                + #""subject":{"mediaType":"\#(type)","digest":"\#(subject)","size":1}"#
        )
    }

    /// Runs `body` with a registry that keeps things in memory, or in a folder, and has one blob in `a/b`.
    private func serving(
        inFolder: Bool,
        _ body: @escaping @Sendable (LoopbackServer) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "registry-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage: any RegistryStorage = inFolder ? try FolderStorage(folder: folder) : MemoryStorage()
        try await LoopbackServer.serving(storage) { server in
            let path = "/v2/a/b/blobs/uploads/?digest=\(ProtocolTests.blob)"
            let pushed = try await server.request("POST", path, body: ProtocolTests.text)
            #expect(pushed.status == 201)
            try await body(server)
        }
    }

    private struct List: Decodable {
        struct Entry: Decodable { let digest: String }
        let manifests: [Entry]
    }

    private static func list(_ server: LoopbackServer, _ subject: Digest, _ name: String = "a/b") async throws
        -> [String]
    {
        let answer = try await server.request("GET", "/v2/\(name)/referrers/\(subject)")
        return try JSONDecoder().decode(List.self, from: Data(answer.body)).manifests.map(\.digest)
    }

    private static func check(
        _ server: LoopbackServer,
        _ subject: Digest,
        _ name: String = "a/b",
        have artifacts: [[UInt8]]
    ) async throws {
        let listed = try await list(server, subject, name)
        #expect(listed == artifacts.map { "\(Digest(of: $0))" }.sorted())
    }

    private static func push(_ artifact: [UInt8], _ server: LoopbackServer) async throws {
        let answer = try await server.put(artifact, "t")
        #expect(answer.status == 201)
    }

    @Test("have what was there before the first was asked for, what came and not what went", arguments: [false, true])
    func changes(inFolder: Bool) async throws {
        try await serving(inFolder: inFolder) { server in
            let subject = Self.subjects[0]
            try await Self.check(server, subject, have: [])
            try await Self.check(server, subject, "c", have: [])
            var artifacts = (0..<3).map { Self.artifact($0, about: subject) }
            for artifact in artifacts { try await Self.push(artifact, server) }
            try await Self.check(server, subject, have: artifacts)

            artifacts.append(Self.artifact(3, about: subject))
            let other = Self.artifact(4, about: Self.subjects[1])
            try await Self.push(artifacts[3], server)
            try await Self.push(other, server)
            let gone = artifacts.removeFirst()
            let path = "/v2/a/b/manifests/\(Digest(of: gone))"
            let removed = try await server.request("DELETE", path)
            #expect(removed.status == 202)
            try await Self.check(server, subject, have: artifacts)
            try await Self.check(server, Self.subjects[1], have: [other])
            try await Self.check(server, subject, "c", have: [])

            try await Self.push(gone, server)
            artifacts.append(gone)
            try await Self.check(server, subject, have: artifacts)
        }
    }

    @Test("lose nothing that comes while others ask for the first time", arguments: [false, true])
    func concurrency(inFolder: Bool) async throws {
        try await serving(inFolder: inFolder) { server in
            let artifacts = (0..<40).map { Self.artifact($0, about: Self.subjects[0]) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for artifact in artifacts {
                    group.addTask { try await Self.push(artifact, server) }
                    group.addTask { _ = try await Self.list(server, Self.subjects[0]) }
                    group.addTask { _ = try await Self.list(server, Self.subjects[1]) }
                }
                try await group.waitForAll()
            }
            try await Self.check(server, Self.subjects[0], have: artifacts)
        }
    }

    @Test("leave out what is damaged, and are whole again after files that couldn't be read")
    func damage() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "registry-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let subject = Self.subjects[0]
        let manifests = (0..<3).map { RawManifest(mediaType: Self.type, bytes: Self.artifact($0, about: subject)) }
        let storage = try FolderStorage(folder: folder)
        for manifest in manifests { try await storage.put(manifest, in: "a") }
        func path(_ number: Int) -> String { "\(folder)/blobs/\(manifests[number].digest.hex)" }
        func check(has numbers: [Int]) async throws {
            let listed = try await storage.referrers(to: subject, in: "a").map(\.digest)
            #expect(listed == numbers.map { manifests[$0].digest }.sorted())
        }

        try Data("{".utf8).write(to: URL(filePath: path(0)))
        // A folder is there, and can't be read.
        try FileManager.default.moveItem(atPath: path(1), toPath: folder + "/aside")
        try FileManager.default.createDirectory(atPath: path(1), withIntermediateDirectories: false)
        await #expect(throws: (any Error).self) { try await storage.referrers(to: subject, in: "a") }
        try FileManager.default.removeItem(atPath: path(1))
        try FileManager.default.moveItem(atPath: folder + "/aside", toPath: path(1))
        try await check(has: [1, 2])
        let error = #expect(throws: StorageError.self) { try storage.manifest(manifests[0].digest, in: "a") }
        #expect(error?.description.hasPrefix("Reading '\(path(0))': digest mismatch") == true)

        try Data(repeating: 32, count: RawManifest.sizeLimit + 1).write(to: URL(filePath: path(2)))
        try await check(has: [1])
        for number in [0, 2] { try await storage.put(manifests[number], in: "a") }
        try await check(has: [0, 1, 2])
    }
}
