import ContainerImage
import ImageStore
import LocalFiles
import NIOCore
import Packages
import Signatures
import SystemPackage

/// A signature of a file's bytes, beside it, for those who check files: cosign verify-blob, openssl.
public struct WholeFileSignature: Sendable {
    private let path: String
    private let signer: MessageSigner
    private let log: LogSink

    private var bundlePath: String { path + ".sigstore.json" }

    /// Reads the key, and makes sure that the signature can be written.
    ///
    /// - Throws: `SigningKeyError`, `SignatureFileError`; `TextFileError` naming the signature.
    public init(of path: String, key: String, passphrase: KeyPassphrase, log: @escaping LogSink) throws {
        guard !PackagePath.isStream(path) else { throw UnsignablePackageError(path: path, reason: .stream) }
        self.path = path
        self.log = log
        signer = try MessageSigner(try PackageSigning.key(key, passphrase))
        try TextFile.check(path + ".sigstore.json")
    }

    /// Reads the file and writes the signature.
    ///
    /// - Throws: `ArchiveError` or `TextFileError` naming the file.
    public func write() async throws {
        var signer = signer
        let file = try RandomAccessFile(plain: path)
        for try await chunk in file.content(from: 0, to: file.size, entry: path) {
            try Task.checkCancellation()
            chunk.withUnsafeReadableBytes { signer.update($0) }
        }
        let bundle = String(decoding: try signer.bundle(), as: UTF8.self)
        try TextFile.write(bundle + "\n", to: bundlePath, permissions: FilePermissions(rawValue: 0o644))
        log("signed the bytes of \(path): \(bundlePath)")
    }
}
