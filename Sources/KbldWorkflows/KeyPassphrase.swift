import Signatures

/// What opens a private key: never an argument, which others on the machine could see.
public struct KeyPassphrase: Sendable {
    /// A file that has it, in its first line.
    public var file: String?
    /// The passphrase, if a variable of the environment has it.
    public var value: String?

    private let advice: String

    /// Creates one that isn't given.
    ///
    /// - Parameter advice: How people give it.
    public init(advice: String = "") { self.advice = advice }

    /// Reads a key that this may open.
    func key(_ pem: [UInt8], name: String) throws -> SigningKey {
        do throws(SigningKeyError) {
            return try SigningKey(pem: pem, name: name)
        } catch {
            guard error.reason == .needsPassphrase else { throw error }
        }
        guard let bytes = try bytes() else { throw MissingPassphraseError(key: name, advice: advice) }
        return try SigningKey(pem: pem, name: name, passphrase: bytes)
    }

    /// The passphrase; nil for none.
    ///
    /// - Throws: `SignatureFileError` naming the file.
    private func bytes() throws -> [UInt8]? {
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

/// An encrypted key whose passphrase isn't given.
struct MissingPassphraseError: Error, CustomStringConvertible {
    let key: String
    let advice: String

    var description: String { "the key '\(key)' has a passphrase" + (advice.isEmpty ? "" : "; \(advice)") }
}
