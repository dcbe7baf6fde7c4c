import Crypto
import FoundationEssentials
public import NIOSSL

/// A certificate that signs itself (RFC 5280), and its key, for servers on loopback.
public struct LoopbackIdentity: Sendable {
    /// The certificate, as files have it.
    public let pem: String
    private let certificate: [UInt8]
    /// The key, as files have it.
    public let key: String

    /// Makes a certificate of these names, valid for about 50 years.
    ///
    /// - Parameter names: The host names that it is for.
    public init(commonName: String = "loopback", names: [String]) throws {
        let key = P256.Signing.PrivateKey()
        let name = DER.sequence([DER.set([DER.sequence([DER.commonName, DER(0x0C, commonName.utf8)])])])
        let algorithm = DER.sequence([DER(0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02])])
        let hosts = DER.sequence(names.map { DER(0x82, $0.utf8) })
        let extensions = [
            DER.sequence([DER(0x06, [0x55, 0x1D, 0x13]), DER(0x04, DER.sequence([DER(0x01, [0xFF])]).bytes)]),
            DER.sequence([DER(0x06, [0x55, 0x1D, 0x11]), DER(0x04, hosts.bytes)]),
        ]
        let body = DER.sequence([
            DER(0xA0, DER(0x02, [2]).bytes), DER(0x02, [1]), algorithm, name,
            DER.sequence([DER(0x17, "000101000000Z".utf8), DER(0x17, "491231235959Z".utf8)]), name,
            DER(bytes: Array(key.publicKey.derRepresentation)), DER(0xA3, DER.sequence(extensions).bytes),
        ])
        let signature = try key.signature(for: body.bytes).derRepresentation
        certificate = DER.sequence([body, algorithm, DER(0x03, [0] + signature)]).bytes
        self.key = key.pemRepresentation
        let text = Data(certificate).base64EncodedString(options: .lineLength64Characters)
        pem = "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    }

    /// The certificate, for clients that trust it.
    public var authority: NIOSSLCertificate {
        get throws { try NIOSSLCertificate(bytes: certificate, format: .der) }
    }

    /// What a server needs.
    var serverContext: NIOSSLContext {
        get throws {
            let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
            let chain = [NIOSSLCertificateSource.certificate(try authority)]
            return try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
            )
        }
    }

    /// A value of ASN.1, encoded.
    private struct DER {
        let bytes: [UInt8]

        /// An identifier: common name.
        static var commonName: DER { DER(0x06, [0x55, 0x04, 0x03]) }

        init(bytes: [UInt8]) { self.bytes = bytes }

        init(_ tag: UInt8, _ content: some Sequence<UInt8>) {
            let content = Array(content)
            let (high, low) = (UInt8(truncatingIfNeeded: content.count >> 8), UInt8(truncatingIfNeeded: content.count))
            let length = content.count < 0x80 ? [low] : content.count < 0x100 ? [0x81, low] : [0x82, high, low]
            bytes = [tag] + length + content
        }

        static func sequence(_ parts: [DER]) -> DER { DER(0x30, parts.flatMap(\.bytes)) }
        static func set(_ parts: [DER]) -> DER { DER(0x31, parts.flatMap(\.bytes)) }
    }
}
