import FoundationEssentials

/// What opens a private key: never an argument, which others on the machine could see.
public struct KeyPassphrase: Sendable {
    /// A file that has it, in its first line.
    public var file: String?
    /// The passphrase, if a variable of the environment has it.
    public var value: String?

    /// Creates one that isn't given.
    public init() {}

    /// The passphrase; nil for none.
    ///
    /// - Throws: `SignatureFileError` naming the file.
    func bytes() throws -> [UInt8]? {
        guard let file else { return value.map { Array($0.utf8) } }
        do {
            let bytes = try SmallFile.bytes(of: file, limit: Self.sizeLimit)
            return Array(bytes.prefix { $0 != 0x0A && $0 != 0x0D })
        } catch {
            throw SignatureFileError(path: file, reason: error.reason)
        }
    }

    private static let sizeLimit = 4 << 10
}
