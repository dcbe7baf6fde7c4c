import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate that a signature is by: who it was issued to, and who vouched for that.
struct SigningCertificate: Sendable {
    let certificate: Certificate
    /// Its bytes.
    let der: [UInt8]
    let key: PublicKey
    /// Who it was issued to, as its subject alternative names say.
    let subjects: [String]
    /// Who vouched for them: the OpenID provider; nil where it doesn't say.
    let issuer: String?

    init(der: [UInt8]) throws(SignatureContentError) {
        self.der = der
        do {
            certificate = try Certificate(derEncoded: der)
            key = try PublicKey(der: try Self.keyInfo(of: certificate), name: "certificate")
            subjects = try Self.subjects(of: certificate)
            issuer = try Self.issuer(of: certificate)
        } catch {
            throw SignatureContentError("its certificate is damaged or of an unsupported kind")
        }
    }

    init(pem text: String) throws(SignatureContentError) {
        let certificates = try Self.certificates(pem: text)
        guard certificates.count == 1 else {
            throw SignatureContentError("it has \(certificates.count) certificates, not one")
        }
        try self.init(der: certificates[0])
    }

    /// The certificates of a PEM text, in DER.
    static func certificates(pem text: String) throws(SignatureContentError) -> [[UInt8]] {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: text)
            guard documents.allSatisfy({ $0.discriminator == Certificate.defaultPEMDiscriminator }) else {
                throw SignatureContentError("it has other PEM blocks than certificates")
            }
            return documents.map(\.derBytes)
        } catch {
            throw error as? SignatureContentError ?? SignatureContentError("its certificates are not in PEM")
        }
    }

    /// The SubjectPublicKeyInfo of `certificate`, in DER.
    static func keyInfo(of certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate.publicKey)
        return serializer.serializedBytes
    }

    /// The SHA-256 of it, as it is shown: `SHA256:…`.
    var fingerprint: String { "SHA256:\(Data(SHA256.hash(data: der)).base64EncodedString())" }

    /// The name that is in place of those of RFC 5280 for users without an address.
    private static let userName: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 7]
    private static let issuerText: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 8]
    private static let issuerBytes: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 1]

    private static func subjects(of certificate: Certificate) throws -> [String] {
        guard let names = try certificate.extensions.subjectAlternativeNames else { return [] }
        return try names.compactMap { name in
            switch name {
            case .rfc822Name(let name), .uniformResourceIdentifier(let name): name
            case .otherName(let name) where name.typeID == userName:
                try name.value.map { String(try ASN1UTF8String(asn1Any: $0)) }
            default: nil
            }
        }
    }

    private static func issuer(of certificate: Certificate) throws -> String? {
        if let value = certificate.extensions[oid: issuerText]?.value {
            return String(try ASN1UTF8String(derEncoded: value))
        }
        return certificate.extensions[oid: issuerBytes].map { String(decoding: $0.value, as: UTF8.self) }
    }
}
