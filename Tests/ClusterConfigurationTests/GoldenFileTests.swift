import ClusterConfiguration
import FoundationEssentials
import Testing

@Suite("Configuration files, compared with recorded ones")
struct GoldenFileTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/cluster-configuration")

    enum Case: String, CaseIterable {
        case withHost = "mirror-with-host"
        case strict, flat
        case root = "docker-hub"
        case addresses

        func mirrors() throws -> ClusterMirrors {
            switch self {
            case .withHost: try Mirrors.withHost()
            case .strict: try Mirrors.strict()
            case .flat: try Mirrors.flat()
            case .root: try Mirrors.root()
            case .addresses: try Mirrors.addresses()
            }
        }
    }

    @Test("every file of every format has the recorded bytes, and there is no other one", arguments: Case.allCases)
    func files(of name: Case) throws {
        let folder = Self.folder.appending(path: name.rawValue)
        var recorded: Set<String> = []
        for path in (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? [] {
            var isFolder = false
            _ = FileManager.default.fileExists(atPath: folder.appending(path: path).path, isDirectory: &isFolder)
            if !isFolder { recorded.insert(path) }
        }
        var written: [String: String] = [:]
        for file in ConfigurationFormat.all(for: try name.mirrors()).files {
            #expect(written.updateValue(file.text, forKey: file.path).map { $0 == file.text } ?? true)
        }
        for (path, text) in written.sorted(by: { $0.key < $1.key }) {
            let bytes = try? Data(contentsOf: folder.appending(path: path))
            #expect(bytes.map { String(decoding: $0, as: UTF8.self) } == text, "\(name.rawValue)/\(path)")
        }
        #expect(recorded.subtracting(written.keys).isEmpty)
    }
}
