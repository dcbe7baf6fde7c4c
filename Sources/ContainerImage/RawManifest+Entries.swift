import FoundationEssentials

extension RawManifest {
    /// The index with `entries` after those that it has. Everything else stays byte for byte as it is: fields that aren't
    /// known here, too.
    ///
    /// - Throws: `ManifestError` when this is not an index.
    public func appendingEntries(_ entries: [Descriptor]) throws(ManifestError) -> RawManifest {
        guard contentType.isIndex, isJSON else { throw .malformed(digest, "it is not an index") }
        guard let list = JSONSlices(of: "manifests", in: bytes) else {
            throw .malformed(digest, "it has no list of 'manifests'")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var texts: [[UInt8]] = []
        do {
            texts = try entries.map { Array(try encoder.encode($0)) }
        } catch {
            throw .malformed(digest, "an entry can't be written (\(error))")
        }
        guard !texts.isEmpty else { return self }
        let position = list.elements.last?.upperBound ?? list.content.lowerBound
        let separator = [UInt8(ascii: ",")]
        var extended = Array(bytes[..<position])
        if !list.elements.isEmpty { extended += separator }
        extended += texts.joined(separator: separator)
        extended += bytes[position...]
        return RawManifest(mediaType: mediaType, bytes: extended, by: digest.algorithm)
    }

    private struct AnyObject: Decodable {}

    private var isJSON: Bool {
        JSONNesting.isWithinLimit(bytes) && (try? JSONDecoder().decode(AnyObject.self, from: Data(bytes))) != nil
    }
}
