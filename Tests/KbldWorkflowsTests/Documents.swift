import ContainerImage
import DocumentInput
import FoundationEssentials
import ImageStore
import KbldConfiguration
import KbldWorkflows
import KubernetesYAML
import Synchronization

/// The program's version, as far as documents know it.
func version() throws -> SemanticVersion { try SemanticVersion("0.43.0") }

/// Documents of this text.
func documents(_ text: String) throws -> InputDocuments {
    let (configuration, resources) = try Configuration.extract(
        from: YAMLReader.documents(in: Array(text.utf8), file: "app.yml"),
        version: version()
    )
    return InputDocuments(resources: resources, configuration: configuration)
}

/// Resources that name these images, one each.
func resources(naming references: some Sequence<some CustomStringConvertible>) -> String {
    references.map { "kind: Pod\nspec:\n  image: \($0)\n" }.joined(separator: "---\n")
}

/// A lock with these images.
func lock(of references: some Sequence<some CustomStringConvertible>) -> String {
    "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\noverrides:\n"
        + references.map { "- image: nginx\n  newImage: \($0)\n  preresolved: true\n" }.joined()
}

/// A folder that is there as long as it is used.
final class Folder: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "workflows-\(UUID())").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    func path(of name: String) -> String { path + "/" + name }

    /// Writes a file; gives its path.
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path(of: name)))
        return path(of: name)
    }

    func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(of: name))), as: UTF8.self)
    }
}

/// The lines that workflows tell.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    private let version: SemanticVersion

    init() throws { version = try KbldWorkflowsTests.version() }

    var all: [String] { lines.withLock { $0 } }

    /// Surroundings that tell them here.
    var context: WorkflowContext {
        WorkflowContext(version: version, log: { line in self.lines.withLock { $0.append(line.description) } })
    }

    /// Takes a line.
    var sink: LogSink { context.log }
}
