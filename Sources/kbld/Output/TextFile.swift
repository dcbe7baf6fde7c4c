import Glibc
import SystemPackage

/// A small file that replaces an older one only as a whole.
enum TextFile {
    /// Writes beside `path` and renames.
    ///
    /// - Throws: `TextFileError` naming the path.
    static func write(_ text: String, to path: String) throws(TextFileError) {
        let target = FilePath(path)
        let name = target.lastComponent?.string ?? ""
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let temporary = target.removingLastComponent().appending(".\(name).\(suffix).partial")
        do {
            let file = try FileDescriptor.open(
                temporary,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o600)
            )
            do {
                try file.closeAfter {
                    _ = try file.writeAll(text.utf8)
                    guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
                }
                guard rename(temporary.string, path) == 0 else { throw Errno(rawValue: errno) }
            } catch {
                unlink(temporary.string)
                throw error
            }
        } catch {
            throw TextFileError(path: path, reason: "\(error)")
        }
    }
}

/// A file that can't be written.
struct TextFileError: Error, Sendable, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "Writing '\(path)': \(reason)" }
}
