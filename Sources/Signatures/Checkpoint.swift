import FoundationEssentials

/// How far a log has come, signed by it: C2SP's tlog-checkpoint and signed-note.
struct Checkpoint: Sendable, Hashable {
    private struct Signature: Sendable, Hashable {
        let hint: [UInt8]
        let bytes: [UInt8]
    }

    let size: Int64
    let root: [UInt8]
    private let text: [UInt8]
    private let signatures: [Signature]

    /// The most signatures that are looked at.
    private static let countLimit = 100

    init(_ envelope: String) throws(SignatureContentError) {
        let bytes = Array(envelope.utf8)
        guard let end = zip(bytes.indices, zip(bytes, bytes.dropFirst())).first(where: { $1 == (0x0A, 0x0A) })?.0 else {
            throw SignatureContentError("its checkpoint has no signature")
        }
        text = Array(bytes[...end])
        let lines = text.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines[0].isEmpty, let size = Int64(String(decoding: lines[1], as: UTF8.self)),
            size >= 0, let root = Data(base64Encoded: Data(lines[2])), !root.isEmpty
        else { throw SignatureContentError("its checkpoint has no origin, size or root") }
        self.size = size
        self.root = Array(root)
        var signatures: [Signature] = []
        for line in bytes[(end + 2)...].split(separator: 0x0A) {
            let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard words.count == 3, words[0].elementsEqual("—".utf8), !words[1].isEmpty,
                let decoded = Data(base64Encoded: Data(words[2])), decoded.count > 4
            else { throw SignatureContentError("its checkpoint has a damaged signature") }
            signatures.append(Signature(hint: Array(decoded.prefix(4)), bytes: Array(decoded.dropFirst(4))))
        }
        guard signatures.count <= Self.countLimit else {
            throw SignatureContentError("its checkpoint has \(signatures.count) signatures")
        }
        self.signatures = signatures
    }

    /// Whether `log` signed it. Signatures of others, such as witnesses, don't matter.
    func isSigned(by log: TrustedRoot.Log) -> Bool {
        guard let key = log.key else { return false }
        if log.knownCheckpoints.contains(self) { return true }
        guard signatures.contains(where: { $0.hint == log.checkpointHint && key.isValid($0.bytes, for: text) }) else {
            return false
        }
        log.knownCheckpoints.note(self)
        return true
    }
}
