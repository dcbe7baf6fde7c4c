import FoundationEssentials

/// A block of a PEM text: RFC 7468.
struct PEMBlock {
    /// What its BEGIN line says.
    let label: String
    /// What is in it.
    let bytes: [UInt8]

    /// Reads the only block of `text`. Nothing of a private key is read.
    init(only text: [UInt8]) throws(PublicKeyError.Reason) {
        let space: Set<UInt8> = [0x09, 0x0B, 0x0C, 0x0D, 0x20]
        var found: String?
        var base64: [UInt8] = []
        var isOpen = false
        for line in text.split(separator: 0x0A) {
            let content = line.drop { space.contains($0) }
            let end = content.lastIndex { !space.contains($0) }
            let trimmed = end.map { content[...$0] } ?? []
            if let label = Self.label(of: trimmed, after: "-----BEGIN ") {
                guard found == nil else { throw .severalBlocks }
                guard !label.hasSuffix("PRIVATE KEY") else { throw .privateKey }
                (found, isOpen) = (label, true)
            } else if let label = Self.label(of: trimmed, after: "-----END ") {
                guard isOpen, label == found else { throw .malformed }
                isOpen = false
            } else if isOpen {
                base64 += trimmed
            }
        }
        guard let found else { throw .noBlock }
        guard !isOpen, !base64.isEmpty, let decoded = Data(base64Encoded: Data(base64)) else { throw .malformed }
        label = found
        bytes = Array(decoded)
    }

    /// What the BEGIN line of the only block of `text` says, a private key's too.
    static func label(only text: [UInt8]) throws(PublicKeyError.Reason) -> String {
        let labels = text.split(separator: 0x0A).compactMap { line -> String? in
            let end = line.lastIndex { $0 != 0x0D && $0 != 0x20 }
            return label(of: end.map { line[...$0] } ?? [], after: "-----BEGIN ")
        }
        guard let first = labels.first else { throw .noBlock }
        // What openssl writes before an elliptic key says only which curve it is on.
        guard labels.count == 1 || (labels.count == 2 && first == "EC PARAMETERS") else { throw .severalBlocks }
        return labels.last ?? first
    }

    private static func label(of line: ArraySlice<UInt8>, after start: String) -> String? {
        let dashes = "-----".utf8
        guard line.starts(with: start.utf8), line.count >= start.utf8.count + dashes.count,
            line.suffix(dashes.count).elementsEqual(dashes)
        else { return nil }
        return String(decoding: line.dropFirst(start.utf8.count).dropLast(dashes.count), as: UTF8.self)
    }
}
