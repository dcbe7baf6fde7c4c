extension RawManifest {
    /// The index with only those of its entries that `isKept` keeps, in their order. Everything else stays byte for
    /// byte as it is; an index of which everything is kept stays the same.
    ///
    /// - Throws: `ManifestError` if this is not an index.
    public func keepingEntries(_ isKept: (Descriptor) -> Bool) throws(ManifestError) -> RawManifest {
        guard case .index(let index) = try parsed() else { throw .malformed(digest, "it is not an index") }
        let kept = index.manifests.map(isKept)
        guard kept.contains(false) else { return self }
        guard let list = JSONSlices(of: "manifests", in: bytes), list.elements.count == kept.count else {
            throw .malformed(digest, "the entries of its 'manifests' can't be located")
        }
        let elements = zip(list.elements, kept).filter(\.1).map { bytes[$0.0] }
        var filtered = Array(bytes[..<list.content.lowerBound])
        filtered += elements.joined(separator: [UInt8(ascii: ",")])
        // White space after the last entry, and the rest.
        filtered += bytes[(list.elements.last?.upperBound ?? list.content.upperBound)...]
        let manifest = RawManifest(mediaType: mediaType, bytes: filtered, by: digest.algorithm)
        // The bytes were cut by hand: they must say what the decoder said.
        guard case .index(let cut) = try manifest.parsed(),
            cut.manifests == zip(index.manifests, kept).filter(\.1).map(\.0)
        else { throw .malformed(digest, "the entries of its 'manifests' can't be located") }
        return manifest
    }
}

/// The ranges of a list's elements in the bytes of a JSON object that is known to be valid.
struct JSONSlices {
    /// All between the brackets.
    let content: Range<Int>
    /// Each element, with the white space before it.
    private(set) var elements: [Range<Int>] = []

    /// Finds the list under `key` of the outermost object; nil if there is none, or several.
    init?(of key: String, in bytes: [UInt8]) {
        let wanted = Array(key.utf8)
        var position = 0
        var depth = 0
        var found: Range<Int>?
        var start: Int?
        var isValueNext = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let end = JSONText.endOfString(in: bytes, from: position)
                let isKey = depth == 1 && start == nil && JSONText.content(of: bytes[position..<end]) == wanted[...]
                position = end
                if isKey { isValueNext = Self.isColonNext(in: bytes, from: end) }
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if isValueNext, depth == 2, bytes[position] == UInt8(ascii: "[") {
                    guard found == nil else { return nil }
                    start = position + 1
                }
                isValueNext = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if let first = start, depth == 1 {
                    found = first..<position
                    start = nil
                }
            default: break
            }
            position += 1
        }
        guard let found else { return nil }
        content = found
        elements = Self.split(bytes, in: found)
    }

    private static func split(_ bytes: [UInt8], in content: Range<Int>) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var start = content.lowerBound
        var end = start
        var depth = 0
        var position = start
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        while position < content.upperBound {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position = JSONText.endOfString(in: bytes, from: position)
                end = position
                continue
            }
            if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { depth -= 1 }
            position += 1
            if byte == UInt8(ascii: ","), depth == 0 {
                elements.append(start..<end)
                start = position
                end = position
            } else if !isSpace(byte) {
                end = position
            }
        }
        if end > start { elements.append(start..<end) }
        return elements
    }

    private static func isColonNext(in bytes: [UInt8], from start: Int) -> Bool {
        bytes[start...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: ":")
    }
}
