import NIOSSL
import SystemPackage

/// The certificate that a registry shows, and its key.
public struct ServerCertificate: Sendable {
    let configuration: TLSConfiguration

    /// Reads PEM files; the certificate's may have the chain after it. TLS 1.2 is the least that is spoken.
    ///
    /// - Throws: `ServerCertificateError` naming the file.
    public init(certificatePath: String, keyPath: String) throws(ServerCertificateError) {
        for path in [certificatePath, keyPath] {
            do {
                try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec).close()
            } catch {
                throw ServerCertificateError(path: path, reason: "\(error)")
            }
        }
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
        } catch {
            throw ServerCertificateError(path: certificatePath, reason: "it is not a PEM file of certificates")
        }
        do {
            key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
        } catch {
            throw ServerCertificateError(path: keyPath, reason: "it is not a PEM file of a private key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerCertificateError(path: keyPath, reason: "the key is not that of '\(certificatePath)'")
        }
        self.configuration = configuration
    }
}

/// An unusable certificate or key.
public struct ServerCertificateError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// The file and what is wrong with it.
    public var description: String { "TLS file '\(path)': \(reason)" }
}
