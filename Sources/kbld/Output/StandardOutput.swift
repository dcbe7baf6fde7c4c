import LocalFiles
import SystemPackage

/// Text on standard output.
enum StandardOutput {
    /// Writes all of `text`.
    ///
    /// - Throws: `TextFileError` when standard output is closed or full.
    static func write(_ text: String) throws(TextFileError) {
        do {
            _ = try FileDescriptor.standardOutput.writeAll(text.utf8)
        } catch {
            throw TextFileError(path: "standard output", reason: "\(error)")
        }
    }
}
