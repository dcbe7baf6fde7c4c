import ContainerImage
import FoundationEssentials

/// A file that a program writes a digest to.
enum DigestFile {
    /// Calls `body` with the file's path, and gives the digest that is in it then.
    static func read(_ body: (String) async throws -> Void) async throws -> Digest {
        let file = FileManager.default.temporaryDirectory.appending(path: "kbld-digest-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
        guard let data = try? Data(contentsOf: file),
            let digest = try? Digest(String(decoding: data, as: UTF8.self).trimmed)
        else { throw BuildError.badOutput(program: file.path, lacks: "a digest") }
        return digest
    }
}
