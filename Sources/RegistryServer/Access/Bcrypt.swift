import LibC

/// Checks passwords against bcrypt hashes with the system's libcrypt, which is loaded when it is wanted first.
struct Bcrypt: Sendable {
    private typealias CryptRN =
        @convention(c) @Sendable (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer, Int32
        ) -> UnsafeMutablePointer<CChar>?

    private let crypt: CryptRN
    /// `sizeof (struct crypt_data)`, which is a part of libcrypt's interface.
    private static let workspace = 32768

    /// Loads libcrypt; nil if the system has none.
    init?() {
        for name in ["libcrypt.so.1", "libcrypt.so.2"] {
            guard let library = dlopen(name, RTLD_NOW), let symbol = dlsym(library, "crypt_rn") else { continue }
            crypt = unsafeBitCast(symbol, to: CryptRN.self)
            return
        }
        return nil
    }

    /// Whether a text is a hash of bcrypt's: `$2y$`, `$2b$` or `$2a$`, cost, salt and hash.
    static func isHash(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 60 && ["$2y$", "$2b$", "$2a$"].contains { text.hasPrefix($0) }
    }

    /// Whether `hash` is of `password`. It takes as long as bcrypt is meant to take.
    func verify(_ password: String, _ hash: String) -> Bool {
        guard !password.utf8.contains(0) else { return false }
        let space = UnsafeMutableRawPointer.allocate(byteCount: Self.workspace, alignment: 16)
        defer { space.deallocate() }
        memset(space, 0, Self.workspace)
        guard let result = crypt(password, hash, space, Int32(Self.workspace)) else { return false }
        return Self.areEqual(Array(String(cString: result).utf8), Array(hash.utf8))
    }

    /// Compares in a time that doesn't tell where the difference is.
    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
