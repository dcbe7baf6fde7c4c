import ContainerImage
import FoundationEssentials
import NIOPosix
import SystemPackage

/// Who may use a registry: a file of `user:hash` lines as `htpasswd -B` writes it.
public struct PasswordFile: Sendable {
    private let gate: PasswordGate

    /// Reads the file.
    ///
    /// - Throws: `PasswordFileError` naming the invalid line.
    public init(path: String) throws(PasswordFileError) {
        do {
            try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec).close()
        } catch {
            throw PasswordFileError(path: path, reason: "\(error)")
        }
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw PasswordFileError(path: path, reason: "it can't be read")
        }
        var hashes: [String: String] = [:]
        // By bytes: a line may end as those of Windows do, and the first one begin with a mark of UTF-8.
        let lines = text.utf8.drop { [0xEF, 0xBB, 0xBF].contains($0) }
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, bytes) in lines.enumerated() {
            let line = String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else {
                throw PasswordFileError(path: path, reason: "line \(number + 1) is not of the form user:hash")
            }
            guard Bcrypt.isHash(halves[1]) else {
                throw PasswordFileError(
                    path: path,
                    reason: "line \(number + 1), user '\(halves[0])': only bcrypt hashes are taken; "
                        + "make one with: htpasswd -B \(path) \(halves[0])"
                )
            }
            hashes[String(halves[0])] = String(halves[1])
        }
        guard !hashes.isEmpty else { throw PasswordFileError(path: path, reason: "it has no users") }
        guard let bcrypt = Bcrypt() else {
            throw PasswordFileError(path: path, reason: "this system has no libcrypt to check passwords with")
        }
        gate = PasswordGate(hashes: hashes, bcrypt: bcrypt)
    }

    /// Whether an `Authorization` header names a user with the right password.
    func admits(_ header: String?) async throws -> Bool {
        guard let credentials = Self.credentials(in: header) else { return false }
        return try await gate.admits(credentials)
    }

    /// The user whom an `Authorization` header names, whatever the password.
    static func user(in header: String?) -> String? {
        guard let credentials = credentials(in: header), let decoded = Data(base64Encoded: credentials),
            let text = String(validating: decoded, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return String(text[..<colon])
    }

    private static func credentials(in header: String?) -> String? {
        guard let header, let space = header.firstIndex(of: " "), header[..<space].lowercased() == "basic" else {
            return nil
        }
        return String(header[header.index(after: space)...])
    }
}

/// An unusable password file.
public struct PasswordFileError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// The file and what is wrong with it.
    public var description: String { "Password file '\(path)': \(reason)" }
}
