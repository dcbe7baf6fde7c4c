import SystemPackage

/// A small file that is input, or standard input.
enum InputFile {
    /// The bytes of the file at `path`, of standard input for `-`.
    ///
    /// - Throws: `InputFileError` naming the path.
    static func bytes(of path: String, limit: Int = 64 << 20) throws(InputFileError) -> [UInt8] {
        do {
            return try path == "-"
                ? SmallFile.bytes(of: .standardInput, limit: limit) : SmallFile.bytes(of: path, limit: limit)
        } catch {
            throw InputFileError(path: path == "-" ? "stdin" : path, reason: error.reason)
        }
    }
}

/// A file that can't be read.
struct InputFileError: Error, Sendable, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "Reading '\(path)': \(reason)" }
}
