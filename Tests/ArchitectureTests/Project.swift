import FoundationEssentials

/// The files of this package, as they lie around this one.
struct Project {
    /// The folder of `Package.swift`.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A Swift file.
    struct File {
        /// The path below the root: `Sources/ContainerImage/Digest.swift`.
        let path: String
        let lines: [Substring]

        /// The name without `.swift`.
        var name: Substring { path.split(separator: "/").last?.dropLast(".swift".count) ?? "" }
        /// The folder below `Sources` or `Tests`.
        var target: String { String(path.split(separator: "/")[1]) }
    }

    /// The Swift files of `folder`, at any depth.
    static func files(in folder: String) throws -> [File] {
        let base = root.appending(path: folder).path
        return try FileManager.default.subpathsOfDirectory(atPath: base).filter { $0.hasSuffix(".swift") }.sorted()
            .map { path in
                let path = "\(folder)/\(path)"
                let text = try text(of: path)
                return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
            }
    }

    static func text(of path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }
}
