import ContainerImage
import FoundationEssentials
import NIOPosix
import SystemPackage

/// Who may use a registry: a file of `user:hash` lines as `htpasswd -B` writes it.
public struct PasswordFile: Sendable {
    private let gate: PasswordGate

    /// Reads the file.
    ///
    /// - Throws: `PasswordFileError` naming the line that can't be used.
    public init(path: String) throws(PasswordFileError) {
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw PasswordFileError(path: path, reason: "it can't be read")
        }
        var hashes: [String: String] = [:]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.last == "\r" ? line.dropLast() : line
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
        guard let header, let space = header.firstIndex(of: " "), header[..<space].lowercased() == "basic" else {
            return false
        }
        return try await gate.admits(String(header[header.index(after: space)...]))
    }
}

/// Checks credentials, and remembers those that were right: bcrypt is slow on purpose.
private actor PasswordGate {
    private let hashes: [String: String]
    private let bcrypt: Bcrypt
    private let salt = (0..<32).map { _ in UInt8.random(in: 0...255) }
    private var admitted: Set<Digest> = []

    init(hashes: [String: String], bcrypt: Bcrypt) {
        self.hashes = hashes
        self.bcrypt = bcrypt
    }

    func admits(_ credentials: String) async throws -> Bool {
        let key = Digest(of: salt + Array(credentials.utf8))
        if admitted.contains(key) { return true }
        guard let decoded = Data(base64Encoded: credentials), let text = String(validating: decoded, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return false }
        let known = hashes[String(text[..<colon])]
        let password = String(text[text.index(after: colon)...])
        // An unknown user takes as long as a known one.
        guard let hash = known ?? hashes.values.first else { return false }
        let isRight = try await NIOThreadPool.singleton.runIfActive { [bcrypt] in bcrypt.verify(password, hash) }
        guard isRight, known != nil else { return false }
        if admitted.count >= 1024 { admitted = [] }
        admitted.insert(key)
        return true
    }
}

/// A password file that can't be used.
public struct PasswordFileError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// The file and what is wrong with it.
    public var description: String { "Password file '\(path)': \(reason)" }
}
