import FoundationEssentials

/// A folder that is there as long as it is referred to.
public final class TemporaryFolder: Sendable {
    /// Its whole path.
    public let path = FileManager.default.temporaryDirectory.appending(path: "kbld-test-\(UUID())").path

    /// Makes an empty folder.
    public init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of what has this name in it.
    public func path(of name: String) -> String { path + "/" + name }

    /// What is in it, at any depth, in the order of names.
    public var files: [String] {
        get throws { try FileManager.default.subpathsOfDirectory(atPath: path).sorted() }
    }

    /// Writes a file, in folders that are made as well; gives its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let file = URL(filePath: path(of: name))
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// What is in a file.
    public func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(of: name))), as: UTF8.self)
    }
}
