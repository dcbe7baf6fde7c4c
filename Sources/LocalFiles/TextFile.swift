import LibC
public import SystemPackage

/// A small file that replaces an older one only as a whole.
public enum TextFile {
    /// Writes beside `path` and renames; a device or a pipe is written to as it is.
    ///
    /// - Parameter permissions: Those of a new file.
    /// - Throws: `TextFileError` naming the path.
    public static func write(
        _ text: String,
        to path: String,
        permissions: FilePermissions = FilePermissions(rawValue: 0o600)
    ) throws(TextFileError) {
        do {
            let file = try AtomicFile(path: path, start: .anew, permissions: permissions)
            do {
                _ = try file.descriptor.writeAll(text.utf8)
            } catch {
                file.discard()
                throw error
            }
            try file.commit()
        } catch let error as AtomicFileError where error.problem == .special {
            try pass(text, to: path)
        } catch let error as AtomicFileError {
            throw TextFileError(path: path, reason: error.reason)
        } catch {
            throw TextFileError(path: path, reason: "\(error)")
        }
    }

    /// Makes sure that `path`, where there is to be a file, can be written: before the work whose result goes there.
    ///
    /// - Throws: `TextFileError` naming the path.
    public static func check(_ path: String?) throws(TextFileError) {
        guard let path, !path.isEmpty else { return }
        do {
            try AtomicFile.check(path, start: .anew)
        } catch  where error.problem != .special {
            throw TextFileError(path: path, reason: error.reason)
        } catch {}
    }

    private static func pass(_ text: String, to path: String) throws(TextFileError) {
        do {
            let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .closeOnExec)
            try file.closeAfter { _ = try file.writeAll(text.utf8) }
        } catch {
            throw TextFileError(path: path, reason: "\(error)")
        }
    }
}

/// A failure to write a file.
public struct TextFileError: Error, Sendable, CustomStringConvertible {
    /// The file, or what it is called.
    public let path: String
    /// What happened.
    public let reason: String

    /// Creates an error about writing `path`.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// What can't be written, and why.
    public var description: String { "Writing '\(path)': \(reason)" }
}
