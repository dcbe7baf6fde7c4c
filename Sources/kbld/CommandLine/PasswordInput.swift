import LibC
import SystemPackage

/// The password on standard input.
enum PasswordInput {
    private static let sizeLimit = 32 << 10

    /// Reads standard input to its end; a line break there isn't part of the password.
    ///
    /// - Throws: `PasswordInputError`.
    static func read() throws(PasswordInputError) -> String {
        guard isatty(STDIN_FILENO) == 0 else { throw .terminal }
        var bytes: [UInt8] = []
        do {
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
            defer { chunk.deallocate() }
            while bytes.count <= sizeLimit, case let count = try FileDescriptor.standardInput.read(into: chunk),
                count > 0
            {
                bytes.append(contentsOf: chunk[..<count])
            }
        } catch {
            throw .unreadable("\(error)")
        }
        guard bytes.count <= sizeLimit else { throw .unreadable("it is longer than \(sizeLimit) bytes") }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unreadable("it is not UTF-8") }
        return text
    }
}

/// Why there is no password.
enum PasswordInputError: Error, Sendable, CustomStringConvertible {
    /// It would be shown while it is typed.
    case terminal
    /// It can't be read.
    case unreadable(String)

    var description: String {
        switch self {
        case .terminal: "Standard input is a terminal, which shows what is typed; redirect a file to it, or a pipe"
        case .unreadable(let reason): "Reading the password from standard input: \(reason)"
        }
    }
}
