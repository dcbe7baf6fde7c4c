import ContainerImage
import FoundationEssentials
import NIOPosix

/// Checks credentials, and remembers those that were right: bcrypt is slow on purpose.
actor PasswordGate {
    private let hashes: [String: String]
    /// The hashes in an order that has nothing to do with their users.
    private let decoys: [String]
    private let bcrypt: Bcrypt
    private let salt = (0..<32).map { _ in UInt8.random(in: 0...255) }
    private var admitted: Set<Digest> = []
    /// The checks that are under way, with who waits for the same.
    private var checks: [Digest: [CheckedContinuation<Bool, Never>]] = [:]

    /// How many checks are under way at most. Each costs as much of a processor as the hashes say, and is done even when
    /// the client has left.
    private static let checkLimit = 16

    init(hashes: [String: String], bcrypt: Bcrypt) {
        self.hashes = hashes
        self.bcrypt = bcrypt
        decoys = hashes.values.sorted()
    }

    /// Whether credentials, `user:password` in base 64, are right.
    ///
    /// - Throws: `tooManyLogins` when others that are being checked must be waited for.
    func admits(_ credentials: String) async throws -> Bool {
        let key = Digest(of: salt + Array(credentials.utf8))
        if admitted.contains(key) { return true }
        if checks[key] != nil {
            return await withCheckedContinuation { checks[key, default: []].append($0) }
        }
        guard let decoded = Data(base64Encoded: credentials), let text = String(validating: decoded, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return false }
        guard checks.count < Self.checkLimit else { throw RegistryResponseError.tooManyLogins }
        checks[key] = []
        let isRight = await check(user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
        if isRight {
            if admitted.count >= 1024 { admitted = [] }
            admitted.insert(key)
        }
        for waiting in checks.removeValue(forKey: key) ?? [] { waiting.resume(returning: isRight) }
        return isRight
    }

    /// An unknown user's password is compared with a hash too: always the same one of all, so that the time it takes
    /// could be any user's.
    private func check(user: String, password: String) async -> Bool {
        let known = hashes[user]
        guard let hash = known ?? decoy(for: user) else { return false }
        let isRight = try? await NIOThreadPool.singleton.runIfActive { [bcrypt] in bcrypt.verify(password, hash) }
        return known != nil && isRight == true
    }

    private func decoy(for user: String) -> String? {
        guard !decoys.isEmpty else { return nil }
        let first = Digest(of: salt + Array(user.utf8)).hex.prefix(8)
        return decoys[Int(UInt32(first, radix: 16) ?? 0) % decoys.count]
    }
}
