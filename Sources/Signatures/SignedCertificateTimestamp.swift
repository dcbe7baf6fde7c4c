import FoundationEssentials
import SwiftASN1
import X509

/// A log's promise that a certificate is in it: RFC 6962, section 3.2, as certificates have it (section 3.3).
struct SignedCertificateTimestamp: Sendable, Equatable {
    let logID: [UInt8]
    /// Milliseconds since 1970.
    let time: UInt64
    let extensions: [UInt8]
    let signature: [UInt8]

    private static let oid: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2]

    /// The promises in `certificate`. What is of another version is passed over.
    static func list(in certificate: Certificate) throws(UntrustedSignerError) -> [SignedCertificateTimestamp] {
        guard let value = certificate.extensions[oid: oid]?.value else { return [] }
        let damaged = UntrustedSignerError("the certificate's timestamps of logs are damaged")
        guard let octets = try? ASN1OctetString(derEncoded: value) else { throw damaged }
        var outer = TLSReader(octets.bytes)
        guard let all = outer.vector(), outer.isEmpty else { throw damaged }
        var entries = TLSReader(all)
        var list: [SignedCertificateTimestamp] = []
        while !entries.isEmpty {
            guard let bytes = entries.vector() else { throw damaged }
            var entry = TLSReader(bytes)
            guard let version = entry.integer(1) else { throw damaged }
            guard version == 0 else { continue }
            guard let logID = entry.take(32), let time = entry.integer(8), let extensions = entry.vector(),
                entry.integer(2) != nil, let signature = entry.vector(), entry.isEmpty
            else { throw damaged }
            list.append(
                SignedCertificateTimestamp(
                    logID: Array(logID),
                    time: time,
                    extensions: Array(extensions),
                    signature: Array(signature)
                )
            )
        }
        return list
    }

    /// Makes sure that a log of `root` has promised to log the first of `chain`, which the second has issued.
    static func check(_ chain: [Certificate], by root: TrustedRoot) throws(UntrustedSignerError) {
        guard let logs = root.certificateLogs else { return }
        guard chain.count > 1 else { throw UntrustedSignerError("the certificate has no issuer") }
        let list = try list(in: chain[0])
        guard !list.isEmpty else { throw UntrustedSignerError("its certificate has no timestamp of a log (SCT)") }
        guard let precertificate = precertificate(of: chain[0]),
            let info = try? SigningCertificate.keyInfo(of: chain[1])
        else { throw UntrustedSignerError("its certificate is damaged") }
        let issuer = HashAlgorithm.sha256.hash(info)
        for promise in list {
            let time = Date(timeIntervalSince1970: Double(promise.time) / 1000)
            let isTrue = logs.contains { log in
                log.id == promise.logID && log.period?.contains(time) != false
                    && log.key?.isValid(promise.signature, for: promise.signedBytes(precertificate, issuer)) == true
            }
            if isTrue { return }
        }
        throw UntrustedSignerError(
            "no log of the trusted root '\(root.name)' has logged its certificate (SCT); "
                + "found \(list.count) of other logs, or invalid"
        )
    }

    private func signedBytes(_ precertificate: [UInt8], _ issuer: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0, 0]
        bytes += Self.bigEndian(time, 8)
        bytes += [0, 1]
        bytes += issuer
        bytes += Self.bigEndian(UInt64(precertificate.count), 3)
        bytes += precertificate
        bytes += Self.bigEndian(UInt64(extensions.count), 2)
        return bytes + extensions
    }

    private static func bigEndian(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> (UInt64($0) * 8)) }
    }

    /// What the logs signed: the certificate's content without their promises.
    private static func precertificate(of certificate: Certificate) -> [UInt8]? {
        guard let root = try? DER.parse(certificate.tbsCertificateBytes), case .constructed(let fields) = root.content
        else { return nil }
        var content: [UInt8] = []
        for field in fields {
            guard field.identifier == ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific) else {
                content += field.encodedBytes
                continue
            }
            guard case .constructed(let wrapped) = field.content, let list = wrapped.first(where: { _ in true }),
                case .constructed(let extensions) = list.content
            else { return nil }
            var kept: [UInt8] = []
            for node in extensions {
                guard case .constructed(let parts) = node.content, let name = parts.first(where: { _ in true }),
                    let oid = try? ASN1ObjectIdentifier(derEncoded: name)
                else { return nil }
                if oid != Self.oid { kept += node.encodedBytes }
            }
            content += DERText.element(0xA3, DERText.element(0x30, kept))
        }
        return DERText.element(0x30, content)
    }
}

/// Reads what TLS writes: RFC 8446, section 3.
private struct TLSReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isEmpty: Bool { rest.isEmpty }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func integer(_ count: Int) -> UInt64? {
        take(count)?.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What has its length before it, in two bytes.
    mutating func vector() -> ArraySlice<UInt8>? { integer(2).flatMap { take(Int($0)) } }
}
