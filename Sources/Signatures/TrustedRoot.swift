import ContainerImage
import FoundationEssentials
import SwiftASN1
import X509

/// Who is believed about certificates, logs and times: sigstore's `trusted_root.json`, or what a policy names.
public struct TrustedRoot: Sendable {
    /// An authority of certificates or timestamps.
    struct Authority: Sendable {
        /// From the one that signs to the root.
        let chain: [Certificate]
        let period: ValidityPeriod
        /// The DER form of the first of the chain, and its key; nil where that is of an unsupported kind.
        let signer: (der: [UInt8], key: PublicKey)?
        /// When the whole chain is known to be valid, for what it is an authority of.
        let knownSpan = KnownSpan()

        init(chain: [Certificate], period: ValidityPeriod) {
            self.chain = chain
            self.period = period
            var serializer = DER.Serializer()
            if let first = chain.first, (try? serializer.serialize(first)) != nil,
                let info = try? SigningCertificate.keyInfo(of: first), let key = try? PublicKey(der: info, name: "")
            {
                signer = (serializer.serializedBytes, key)
            } else {
                signer = nil
            }
        }
    }

    /// A log, of certificates or signatures.
    struct Log: Sendable {
        let id: [UInt8]
        /// What its signatures under checkpoints begin with.
        let checkpointHint: [UInt8]
        /// Its key; nil for one of an unsupported kind.
        let key: PublicKey?
        /// When it was in use; nil where that isn't known.
        let period: ValidityPeriod?
        /// The checkpoints that it was found to have signed.
        let knownCheckpoints = KnownCheckpoints()
    }

    /// What to call it: the file that it is from.
    public let name: String
    /// What tells it from others.
    let id: [UInt8]
    /// Who issues certificates of those who sign.
    let certificateAuthorities: [Authority]
    /// Where these certificates are logged; nil where that isn't asked for.
    let certificateLogs: [Log]?
    /// Where signatures are logged.
    let signatureLogs: [Log]
    let timestampAuthorities: [Authority]
    /// The certificates of signers that were found to be valid.
    let knownCertificates = KnownCertificates()

    /// How long a file of one may be, in bytes.
    public static let sizeLimit = 1 << 20

    init(
        name: String,
        id: [UInt8],
        certificateAuthorities: [Authority],
        certificateLogs: [Log]?,
        signatureLogs: [Log],
        timestampAuthorities: [Authority]
    ) {
        self.name = name
        self.id = id
        self.certificateAuthorities = certificateAuthorities
        self.certificateLogs = certificateLogs
        self.signatureLogs = signatureLogs
        self.timestampAuthorities = timestampAuthorities
    }

    func signatureLog(of id: [UInt8]) -> Log? { signatureLogs.first { $0.id == id } }
}

extension TrustedRoot {
    /// Reads a `trusted_root.json`.
    ///
    /// - Throws: `TrustedRootError`.
    public init(_ bytes: [UInt8], name: String) throws(TrustedRootError) {
        do throws(SignatureContentError) {
            let json = try SignatureContent.decode(JSON.self, from: bytes, .anything, limit: Self.sizeLimit)
            guard Self.mediaTypes.contains(json.mediaType) else {
                throw SignatureContentError("it is of the unsupported type '\(json.mediaType)'")
            }
            self.init(
                name: name,
                id: HashAlgorithm.sha256.hash(bytes),
                certificateAuthorities: try Self.authorities(json.certificateAuthorities, "certificateAuthorities"),
                certificateLogs: try Self.logs(json.ctlogs, "ctlogs"),
                signatureLogs: try Self.logs(json.tlogs, "tlogs"),
                timestampAuthorities: try Self.authorities(json.timestampAuthorities, "timestampAuthorities")
            )
        } catch {
            throw TrustedRootError(name: name, reason: error.description)
        }
        guard !certificateAuthorities.isEmpty else {
            throw TrustedRootError(name: name, reason: "it has no certificateAuthorities")
        }
    }

    /// Who is believed by a policy that names certificates and keys: without logs of certificates and timestamps.
    init(name: String, roots: [[UInt8]], logKeys: [PublicKey]) throws(SignatureContentError) {
        let always = ValidityPeriod(start: .distantPast, end: nil)
        self.init(
            name: name,
            id: HashAlgorithm.sha256.hash(roots.flatMap { $0 } + [0] + logKeys.flatMap(\.der)),
            certificateAuthorities: try roots.map { der throws(SignatureContentError) in
                guard let certificate = try? Certificate(derEncoded: der) else {
                    throw SignatureContentError("a certificate is damaged")
                }
                return Authority(chain: [certificate], period: always)
            },
            certificateLogs: nil,
            signatureLogs: logKeys.map { key in
                let id = HashAlgorithm.sha256.hash(key.der)
                return Log(id: id, checkpointHint: Array(id.prefix(4)), key: key, period: nil)
            },
            timestampAuthorities: []
        )
    }

    private static let mediaTypes: Set = [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot.v0.1+json",
        "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    private static func authorities(
        _ list: [JSON.Authority]?,
        _ field: String
    ) throws(SignatureContentError) -> [Authority] {
        var authorities: [Authority] = []
        for (index, entry) in (list ?? []).enumerated() {
            let place = "\(field)[\(index)]"
            var chain: [Certificate] = []
            for certificate in entry.certChain.certificates {
                let der = try SignatureContent.bytes(ofBase64: certificate.rawBytes, "\(place): a certificate")
                do {
                    chain.append(try Certificate(derEncoded: der))
                } catch {
                    throw SignatureContentError("\(place): a certificate is damaged")
                }
            }
            guard !chain.isEmpty else { throw SignatureContentError("\(place) has no certificate") }
            authorities.append(Authority(chain: chain, period: try period(entry.validFor, place)))
        }
        return authorities
    }

    private static func logs(_ list: [JSON.Log]?, _ field: String) throws(SignatureContentError) -> [Log] {
        var logs: [Log] = []
        for (index, entry) in (list ?? []).enumerated() {
            let place = "\(field)[\(index)]"
            let id = try SignatureContent.bytes(ofBase64: entry.logId.keyId, "\(place): its logId")
            var hint = id
            if let checkpoint = entry.checkpointKeyId, !checkpoint.keyId.isEmpty {
                hint = try SignatureContent.bytes(ofBase64: checkpoint.keyId, "\(place): its checkpointKeyId")
            }
            let der = try SignatureContent.bytes(ofBase64: entry.publicKey.rawBytes, "\(place): its key")
            logs.append(
                Log(
                    id: id,
                    checkpointHint: Array(hint.prefix(4)),
                    key: try? PublicKey(der: der, name: entry.baseUrl ?? place),
                    period: try period(entry.publicKey.validFor, place)
                )
            )
        }
        return logs
    }

    private static func period(_ range: JSON.Range?, _ place: String) throws(SignatureContentError) -> ValidityPeriod {
        guard let text = range?.start, let start = ValidityPeriod.date(text) else {
            throw SignatureContentError("\(place) has no validFor.start, or one that is not a time")
        }
        guard let text = range?.end else { return ValidityPeriod(start: start, end: nil) }
        guard let end = ValidityPeriod.date(text) else {
            throw SignatureContentError("\(place) has a validFor.end that is not a time")
        }
        return ValidityPeriod(start: start, end: end)
    }

    private struct JSON: Decodable {
        struct Range: Decodable {
            var start: String?
            var end: String?
        }
        struct Bytes: Decodable { var rawBytes: String }
        struct Chain: Decodable { var certificates: [Bytes] }
        struct Authority: Decodable {
            var certChain: Chain
            var validFor: Range?
        }
        struct Key: Decodable {
            var rawBytes: String
            var validFor: Range?
        }
        struct ID: Decodable { var keyId: String }
        struct Log: Decodable {
            var baseUrl: String?
            var publicKey: Key
            var logId: ID
            var checkpointKeyId: ID?
        }
        var mediaType: String
        var tlogs: [Log]?
        var ctlogs: [Log]?
        var certificateAuthorities: [Authority]?
        var timestampAuthorities: [Authority]?
    }
}

/// The reason a file isn't a trusted root.
public struct TrustedRootError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the file is called.
    public let name: String
    /// What is wrong.
    public let reason: String

    /// What is wrong, with the file.
    public var description: String { "the trusted root '\(name)' is invalid: \(reason)" }
}
