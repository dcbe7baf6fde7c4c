#if canImport(CLibCrypt)
    import CLibCrypt
#endif

/// Checks passwords against bcrypt hashes, with libxcrypt.
struct Bcrypt: Sendable {
    /// Creates a check; nil on platforms that don't have libxcrypt.
    init?() {
        #if !canImport(CLibCrypt)
            return nil
        #endif
    }

    /// Whether a text is a bcrypt hash: `$2y$`, `$2b$` or `$2a$`, cost, salt and hash.
    static func isHash(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 60 && ["$2y$", "$2b$", "$2a$"].contains { text.hasPrefix($0) }
    }

    /// Whether `hash` is of `password`. It takes as long as bcrypt is meant to take.
    func verify(_ password: String, _ hash: String) -> Bool {
        guard !password.utf8.contains(0), let computed = Self.hash(password, setting: hash) else { return false }
        return Self.areEqual(computed, Array(hash.utf8))
    }

    #if canImport(CLibCrypt)
        /// The hash of a password with the cost and the salt of `setting`.
        private static func hash(_ password: String, setting: String) -> [UInt8]? {
            // 32 KiB, which would be much on the stack of a thread.
            let space = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
            space.initialize(to: crypt_data())
            defer { space.deallocate() }
            guard let hash = crypt_rn(password, setting, space, Int32(MemoryLayout<crypt_data>.size)) else {
                return nil
            }
            return Array(String(cString: hash).utf8)
        }
    #else
        private static func hash(_ password: String, setting: String) -> [UInt8]? { nil }
    #endif

    /// Compares in a time that doesn't tell where the difference is.
    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
