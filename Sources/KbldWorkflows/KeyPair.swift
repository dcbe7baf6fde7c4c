public import ContainerImage
import FoundationEssentials
import LocalFiles
import Signatures
import SystemPackage

/// A new key in two files.
public struct KeyPair: Sendable {
    private let name: String

    /// Creates a pair that is written to `name.key` and `name.pub`.
    public init(name: String) { self.name = name }

    /// Makes the key and writes it.
    ///
    /// - Throws: `TextFileError`, also where one of the files is there already.
    public func write(log: LogSink) throws {
        let (privatePath, publicPath) = (name + ".key", name + ".pub")
        for path in [privatePath, publicPath] where FileManager.default.fileExists(atPath: path) {
            throw ExistingKeyError(path: path)
        }
        let pair = SigningKey.generate()
        try TextFile.write(pair.privateKey, to: privatePath)
        try TextFile.write(pair.publicKey, to: publicPath, permissions: FilePermissions(rawValue: 0o644))
        let key = try PublicKey(pem: Array(pair.publicKey.utf8), name: publicPath)
        log("wrote \(privatePath), the private key: keep it secret")
        log("wrote \(publicPath), the public key: \(key.fingerprint)")
    }
}

/// A key that would be lost.
struct ExistingKeyError: Error, CustomStringConvertible {
    let path: String

    var description: String { "Making a key: '\(path)' is there already; remove it or choose another name" }
}
