import ContainerImage
import FoundationEssentials
import Testing

@Suite("Recorded files, and what has accepted them")
struct AcceptedFileTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// Formats that nothing there is can be shown: `make test` shows some to their own clients instead.
    private static func isExempt(_ path: String) -> Bool {
        path.contains("/certs.d/") || path.contains("/daemon.json")
            || ["/registries.yaml", "/machine-registries.yaml", ".crt"].contains(where: path.hasSuffix)
    }

    @Test("a schema or a client has accepted every recorded file as it is now", arguments: ["configuration", "jobs"])
    func accepted(of name: String) throws {
        let record = try Data(contentsOf: Self.tests.appending(path: "Schemas/accepted.txt"))
        let lines = Set(String(decoding: record, as: UTF8.self).split(separator: "\n").map { $0.prefix { $0 != "\t" } })
        let folder = Self.tests.appending(path: "Fixtures/cluster-\(name)")
        var count = 0
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() {
            let file = folder.appending(path: path)
            var isFolder = false
            _ = FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
            guard !isFolder, !Self.isExempt("/\(path)") else { continue }
            let line = "\(Digest(of: Array(try Data(contentsOf: file))).hex)  cluster-\(name)/\(path)"
            #expect(lines.contains(line[...]), "nothing has accepted it yet: make schemas: \(line)")
            count += 1
        }
        #expect(count > 0)
    }
}
