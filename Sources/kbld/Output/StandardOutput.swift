import LocalFiles
import SystemPackage

/// Text on standard output.
enum StandardOutput {
    /// Writes all of `text`.
    ///
    /// - Throws: `TextFileError` when standard output is closed or full.
    static func write(_ text: String) throws(TextFileError) { try write(text.utf8) }

    /// Writes all of `bytes`.
    ///
    /// - Throws: `TextFileError` when standard output is closed or full.
    static func write(_ bytes: some Sequence<UInt8>) throws(TextFileError) {
        do {
            _ = try FileDescriptor.standardOutput.writeAll(bytes)
        } catch {
            throw TextFileError(path: "standard output", reason: "\(error)")
        }
    }
}
