import ContainerImage
import Crypto
import FoundationEssentials

/// An entry of a log of signatures: Rekor's, as bundles have it.
struct LogEntry: Sendable, Equatable {
    let index: Int64
    let logID: [UInt8]
    let kind: String
    let version: String
    /// When the log took it, in seconds since 1970; nil where the log doesn't say.
    let integratedTime: Int64?
    /// The log's signature over the entry (signed entry timestamp).
    let promise: [UInt8]?
    let proof: InclusionProof?
    /// What the log has, in its canonical form.
    let body: [UInt8]

    /// The most entries that a signature may have.
    static let countLimit = 16

    /// What cosign keeps in an annotation of a signature.
    static let annotation = "dev.sigstore.cosign/bundle"

    /// Makes sure that a log of `root` has it; gives the time at which it says so, if it does.
    func check(by root: TrustedRoot, needsProof: Bool) throws(UntrustedSignerError) -> Date? {
        guard let log = root.signatureLog(of: logID) else {
            throw UntrustedSignerError("its log entry is of a log that the trusted root '\(root.name)' doesn't have")
        }
        guard let key = log.key else { throw UntrustedSignerError("its log has a key of an unsupported kind") }
        guard promise != nil || proof != nil else {
            throw UntrustedSignerError("its log entry has neither a promise nor a proof")
        }
        if needsProof, proof == nil { throw UntrustedSignerError("its log entry has no proof") }
        try proof?.check(body, by: log)
        guard let promise else { return nil }
        guard let integratedTime, key.isValid(promise, for: promisedBytes(integratedTime)) else {
            throw UntrustedSignerError("the promise of its log entry (SET) is not signed by the log's key")
        }
        let time = Date(timeIntervalSince1970: Double(integratedTime))
        guard log.period?.contains(time) != false else {
            throw UntrustedSignerError("its log was not in use at \(time.formatted(.iso8601))")
        }
        return time
    }

    /// What is signed, as JSON in the form of RFC 8785.
    private func promisedBytes(_ time: Int64) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        let hex = logID.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let text =
            #"{"body":"\#(Data(body).base64EncodedString())","integratedTime":\#(time),"#
            + #""logID":"\#(String(decoding: hex, as: UTF8.self))","logIndex":\#(index)}"#
        return Array(text.utf8)
    }
}

extension LogEntry {
    init(_ json: JSON) throws(SignatureContentError) {
        index = json.logIndex?.value ?? 0
        guard index >= 0 else { throw SignatureContentError("its log entry has the invalid index \(index)") }
        logID = try SignatureContent.bytes(ofBase64: json.logId.keyId, "its log's ID")
        kind = json.kindVersion.kind
        version = json.kindVersion.version
        integratedTime = json.integratedTime.flatMap { $0.value > 0 ? $0.value : nil }
        promise = try json.inclusionPromise.map { promise throws(SignatureContentError) in
            try SignatureContent.bytes(ofBase64: promise.signedEntryTimestamp, "the promise of its log entry")
        }
        proof = try json.inclusionProof.map { proof throws(SignatureContentError) in
            let hashes = proof.hashes ?? []
            guard hashes.count <= InclusionProof.countLimit else {
                throw SignatureContentError("its proof has \(hashes.count) hashes")
            }
            return InclusionProof(
                index: proof.logIndex?.value ?? 0,
                size: proof.treeSize.value,
                root: try SignatureContent.bytes(ofBase64: proof.rootHash, "its proof's root"),
                hashes: try hashes.map { hash throws(SignatureContentError) in
                    try SignatureContent.bytes(ofBase64: hash, "a hash of its proof")
                },
                checkpoint: try proof.checkpoint.map { checkpoint throws(SignatureContentError) in
                    try Checkpoint(checkpoint.envelope)
                }
            )
        }
        body = try SignatureContent.bytes(ofBase64: json.canonicalizedBody, "its log entry's body")
    }

    /// Reads what cosign keeps in an annotation.
    init(annotation text: String) throws(SignatureContentError) {
        let json = try SignatureContent.decode(Annotation.self, from: Array(text.utf8), .anything)
        promise = try SignatureContent.bytes(ofBase64: json.SignedEntryTimestamp, "the promise of its log entry")
        body = try SignatureContent.bytes(ofBase64: json.Payload.body, "its log entry's body")
        integratedTime = json.Payload.integratedTime
        index = json.Payload.logIndex
        let hex = Array(json.Payload.logID.utf8)
        guard index >= 0, hex.count == 64, let id = SignatureContent.bytes(ofHex: hex) else {
            throw SignatureContentError("its log entry has an invalid index or log ID")
        }
        logID = id
        proof = nil
        let head = try SignatureContent.decode(LogEntryBody.Head.self, from: body, .anything)
        (kind, version) = (head.kind, head.apiVersion)
    }

    private struct Annotation: Decodable {
        struct Content: Decodable {
            var body: String
            var integratedTime: Int64
            var logIndex: Int64
            var logID: String
        }
        var SignedEntryTimestamp: String
        var Payload: Content
    }

    /// An entry as bundles write it.
    struct JSON: Decodable {
        struct ID: Decodable { var keyId: String }
        struct Kind: Decodable {
            var kind: String
            var version: String
        }
        struct Promise: Decodable { var signedEntryTimestamp: String }
        struct Note: Decodable { var envelope: String }
        struct Proof: Decodable {
            var logIndex: Number?
            var rootHash: String
            var treeSize: Number
            var hashes: [String]?
            var checkpoint: Note?
        }
        /// An integer, which protocol buffers write as a text.
        struct Number: Decodable {
            let value: Int64

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Int64.self) {
                    value = number
                    return
                }
                guard let number = Int64(try container.decode(String.self)) else {
                    throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an integer")
                }
                value = number
            }
        }
        var logIndex: Number?
        var logId: ID
        var kindVersion: Kind
        var integratedTime: Number?
        var inclusionPromise: Promise?
        var inclusionProof: Proof?
        var canonicalizedBody: String
    }
}
