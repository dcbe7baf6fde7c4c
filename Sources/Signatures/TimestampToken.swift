import FoundationEssentials
import SwiftASN1
import X509

/// An authority's word on when something was there already: RFC 3161, in the signed data of RFC 5652.
struct TimestampToken: Sendable {
    /// What is there: its hash.
    let imprint: [UInt8]
    private let imprintAlgorithm: HashAlgorithm
    let time: Date
    /// What is signed, as RFC 5652 calls it.
    private let content: [UInt8]
    private let attributes: [UInt8]
    private let messageDigest: [UInt8]
    private let digestAlgorithm: HashAlgorithm
    private let certificateHash: (HashAlgorithm, [UInt8])
    private let signature: [UInt8]

    /// The longest response that is read, in bytes.
    static let sizeLimit = 64 << 10

    /// Reads a response of an authority.
    init(_ response: [UInt8]) throws(SignatureContentError) {
        guard response.count <= Self.sizeLimit else { throw SignatureContentError("its timestamp is too long") }
        do {
            let parts = try DERNodes(try DER.parse(response), count: 2)
            let status = try DERNodes(parts[0])
            guard [0, 1].contains(try Int(derEncoded: status[0])) else { throw Self.damaged }
            let signed = try Self.signedData(parts[1])
            content = signed.content
            let info = try Self.timeInfo(content)
            (imprintAlgorithm, imprint, time) = (info.algorithm, info.imprint, info.time)
            let signer = try Self.signer(signed.signer)
            attributes = signer.attributes
            digestAlgorithm = signer.digestAlgorithm
            signature = signer.signature
            let values = try Self.values(of: signer.attributes)
            (messageDigest, certificateHash) = (values.messageDigest, values.certificate)
        } catch {
            throw Self.damaged
        }
    }

    /// Makes sure that it is of `message`, and by an authority of `root`; gives its time.
    func check(_ message: [UInt8], by root: TrustedRoot) async throws(UntrustedSignerError) -> Date {
        guard imprint == imprintAlgorithm.hash(message) else {
            throw UntrustedSignerError("its timestamp is of another signature")
        }
        guard messageDigest == digestAlgorithm.hash(content) else {
            throw UntrustedSignerError("its timestamp is damaged")
        }
        var reason = "the trusted root '\(root.name)' has no authority that its timestamp is by"
        for authority in root.timestampAuthorities {
            guard let leaf = authority.chain.first, isSigned(by: authority) else { continue }
            let text = time.formatted(.iso8601)
            guard authority.period.contains(time) else {
                reason = "the authority of its timestamp was not trusted at \(text)"
                continue
            }
            if authority.knownSpan.contains(time) { return time }
            do throws(UntrustedSignerError) {
                let chain = try await SigningCertificate.chain(
                    from: leaf,
                    for: .timeStamping,
                    at: time,
                    to: authority,
                    []
                )
                authority.knownSpan.note(chain)
                return time
            } catch {
                reason = "the certificate of its timestamp's authority is not valid at \(text): \(error)"
            }
        }
        throw UntrustedSignerError(reason)
    }

    private func isSigned(by authority: TrustedRoot.Authority) -> Bool {
        guard let signer = authority.signer, certificateHash.0.hash(signer.der) == certificateHash.1 else {
            return false
        }
        return signer.key.isValid(signature, for: attributes, hashedBy: digestAlgorithm)
    }
}

extension TimestampToken {
    private static let damaged = SignatureContentError("its timestamp is damaged")
    private static let signedDataType: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 2]
    private static let timeInfoType: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 16, 1, 4]
    private static let contentTypeAttribute: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 3]
    private static let messageDigestAttribute: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 4]
    private static let certificateAttribute: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 16, 2, 12]
    private static let certificateAttribute2: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 16, 2, 47]

    private static func signedData(_ node: ASN1Node) throws -> (content: [UInt8], signer: ASN1Node) {
        let info = try DERNodes(node, count: 2)
        guard try ASN1ObjectIdentifier(derEncoded: info[0]) == signedDataType else { throw damaged }
        let data = try DERNodes(try DERNodes(info[1], count: 1)[0])
        let encapsulated = try DERNodes(data[2], count: 2)
        guard try ASN1ObjectIdentifier(derEncoded: encapsulated[0]) == timeInfoType else { throw damaged }
        let content = try ASN1OctetString(derEncoded: try DERNodes(encapsulated[1], count: 1)[0])
        // One authority signs it: RFC 3161, section 2.4.2.
        return (Array(content.bytes), try DERNodes(data[data.count - 1], count: 1)[0])
    }

    private static func timeInfo(
        _ content: [UInt8]
    ) throws -> (algorithm: HashAlgorithm, imprint: [UInt8], time: Date) {
        let info = try DERNodes(try DER.parse(content))
        guard try Int(derEncoded: info[0]) == 1 else { throw damaged }
        let imprint = try DERNodes(info[2], count: 2)
        let hash = try ASN1OctetString(derEncoded: imprint[1])
        let time = try GeneralizedTime(derEncoded: info[4])
        let text = [time.month, time.day, time.hours, time.minutes, time.seconds].map { $0 < 10 ? "0\($0)" : "\($0)" }
        let date = "\(time.year)-\(text[0])-\(text[1])T\(text[2]):\(text[3]):\(text[4])Z"
        guard let whole = ValidityPeriod.date(date) else { throw damaged }
        return (
            try HashAlgorithm(imprint[0]), Array(hash.bytes), whole.addingTimeInterval(time.fractionalSeconds)
        )
    }

    private static func signer(
        _ node: ASN1Node
    ) throws -> (digestAlgorithm: HashAlgorithm, attributes: [UInt8], signature: [UInt8]) {
        let info = try DERNodes(node)
        guard try info[3].identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) else {
            throw damaged
        }
        let signature = try ASN1OctetString(derEncoded: info[5])
        // They are signed as the set that they are, whatever their tag here: RFC 5652, section 5.4.
        let attributes: [UInt8] = [0x31] + (try info[3].encodedBytes.dropFirst())
        return (try HashAlgorithm(info[2]), attributes, Array(signature.bytes))
    }

    private static func values(
        of attributes: [UInt8]
    ) throws -> (messageDigest: [UInt8], certificate: (HashAlgorithm, [UInt8])) {
        var found: [ASN1ObjectIdentifier: ASN1Node] = [:]
        for attribute in try DERNodes(try DER.parse(attributes)).all {
            let parts = try DERNodes(attribute, count: 2)
            let name = try ASN1ObjectIdentifier(derEncoded: parts[0])
            guard found.updateValue(try DERNodes(parts[1], count: 1)[0], forKey: name) == nil else { throw damaged }
        }
        guard let type = found[contentTypeAttribute], try ASN1ObjectIdentifier(derEncoded: type) == timeInfoType,
            let digest = found[messageDigestAttribute]
        else { throw damaged }
        let messageDigest = Array(try ASN1OctetString(derEncoded: digest).bytes)
        // The first of the certificates is the signer's: RFC 5035, section 3.
        if let value = found[certificateAttribute2] {
            let id = try DERNodes(try DERNodes(try DERNodes(value)[0])[0])
            if let hash = try? ASN1OctetString(derEncoded: id[0]) {
                return (messageDigest, (.sha256, Array(hash.bytes)))
            }
            let hash = try ASN1OctetString(derEncoded: id[1])
            return (messageDigest, (try HashAlgorithm(id[0]), Array(hash.bytes)))
        }
        guard let value = found[certificateAttribute] else { throw damaged }
        let id = try DERNodes(try DERNodes(try DERNodes(value)[0])[0])
        return (messageDigest, (.sha1, Array(try ASN1OctetString(derEncoded: id[0]).bytes)))
    }
}

extension HashAlgorithm {
    /// Reads an algorithm's identifier.
    fileprivate init(_ node: ASN1Node) throws {
        switch try ASN1ObjectIdentifier(derEncoded: try DERNodes(node)[0]) {
        case [2, 16, 840, 1, 101, 3, 4, 2, 1]: self = .sha256
        case [2, 16, 840, 1, 101, 3, 4, 2, 2]: self = .sha384
        case [2, 16, 840, 1, 101, 3, 4, 2, 3]: self = .sha512
        default: throw SignatureContentError("unsupported hash")
        }
    }
}
