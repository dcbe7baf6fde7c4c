import ClusterConfiguration
import ContainerImage
import FoundationEssentials
import ImageTransfer
import KbldWorkflows
import TestSupport
import Testing

@Suite("The configuration for nodes")
struct MirrorConfigurationTests {
    private let digest = Digest(of: [1])
    private let folder: TemporaryFolder
    private let lines: Lines

    init() throws {
        folder = try TemporaryFolder()
        lines = try Lines()
    }

    private func image(_ repository: String) throws -> DigestReference {
        DigestReference(repository: try Repository(repository), digest: digest)
    }

    private func configuration(
        of images: [DigestReference],
        in root: String = "r.example:5000",
        _ change: (inout MirrorSettings) -> Void = { _ in }
    ) throws -> MirrorConfiguration {
        var settings = MirrorSettings(folder: folder.path)
        change(&settings)
        let plan = DestinationPlan(in: RepositoryRoot(try RegistryHost(root)), layout: .mirror)
        return try MirrorConfiguration(settings, of: images, in: plan, log: lines.sink)
    }

    @Test("Docker's file can't have a comment: it is ours as long as its checksum is that beside it")
    func docker() throws {
        let path = folder.path + "/daemon.json"
        func write(_ registry: String) throws {
            try configuration(of: [try image("nginx")], in: registry) { $0.formats = [.docker] }.finish()
        }
        try write("one.example:5000")
        try write("two.example:5000")
        let text = #"{"# + "\n  \"registry-mirrors\": [\"https://two.example:5000\"]\n}\n"
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        try Data("{}\n".utf8).write(to: URL(filePath: path))
        #expect(throws: ForeignFileError.self) { try write("two.example:5000") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "{}\n")
    }

    @Test("An image without a registry of origin is left out; with no other one there is nothing to write")
    func withoutOrigin() throws {
        let (local, other) = (try image("localhost/images"), try image("quay.io/a/b"))
        let files = try configuration(of: [local, other]) { $0.formats = [.idms] }.files
        #expect(files.count == 1 && !files[0].text.contains("localhost"))
        #expect(lines.all == ["leaving out \(local) from the mirrors: it comes from no registry"])
        #expect(throws: NoMirrorsError.self) { try configuration(of: [local]) }
    }

    @Test("Nodes may have another name for the registry, and reach it in their own way")
    func host() throws {
        let images = [try image("quay.io/a/b")]
        let files = try configuration(of: images, in: "127.0.0.1:5000") {
            $0.formats = [.hostsTOML]
            $0.host = try? RegistryHost("node.example")
        }.files
        #expect(files[0].text.contains(#"[host."https://node.example/v2"]"#))
        let loopback = try configuration(of: images, in: "127.0.0.1:5000") { $0.formats = [.hostsTOML] }.files
        #expect(loopback[0].text.contains(#"[host."http://127.0.0.1:5000/v2"]"#))
    }

    @Test("Without formats all that can are written, and the log says why others aren't")
    func all() throws {
        let configuration = try configuration(of: [try image("quay.io/a/b")])
        #expect(configuration.files.map(\.path).contains("certs.d/quay.io/hosts.toml"))
        #expect(
            lines.all == [
                "leaving out itms: the mirrors have no tags",
                "leaving out docker: only docker.io can have mirrors there, not quay.io",
            ]
        )
    }
}
