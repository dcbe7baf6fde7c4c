/// Reads YAML 1.1 and JSON.
public enum YAMLReader {
    /// The documents of a file in their order. Lists are replaced by their items, one level deep; documents without
    /// content are dropped.
    ///
    /// - Throws: `YAMLError` naming the file, the document and the line.
    public static func documents(in bytes: [UInt8], file: String) throws(YAMLError) -> [YAMLDocument] {
        let bytes = StreamEncoding.utf8(bytes)
        if let values = jsonValues(in: bytes) {
            var documents: [YAMLDocument] = []
            for (position, found) in values.enumerated() {
                let document = YAMLDocument(value: found.value, file: file, index: position + 1, line: found.line)
                try append(document, to: &documents)
            }
            return documents
        }
        return try Segment(bytes[...], file: file).documents
    }

    /// The same; large files are read in up to `limit` pieces at once.
    ///
    /// - Throws: `YAMLError` as above.
    public static func documents(
        in bytes: [UInt8],
        file: String,
        atMost limit: Int
    ) async throws(YAMLError) -> [YAMLDocument] {
        let bytes = StreamEncoding.utf8(bytes)
        let pieces =
            bytes.count < largeSize ? [] : DocumentMarkers.pieces(of: bytes, about: min(limit, bytes.count / pieceSize))
        guard pieces.count > 1 else { return try documents(in: bytes, file: file) }
        let segments = await withTaskGroup(of: (Int, Segment?).self) { group in
            for (position, piece) in pieces.enumerated() {
                group.addTask { (position, try? Segment(piece, file: file)) }
            }
            var segments = [Segment?](repeating: nil, count: pieces.count)
            for await (position, segment) in group { segments[position] = segment }
            return segments
        }
        var documents: [YAMLDocument] = []
        documents.reserveCapacity(segments.reduce(0) { $0 + ($1?.documents.count ?? 0) })
        var (lines, count) = (0, 0)
        for segment in segments {
            // Read as a whole, the error is reported at its true position.
            guard let segment else { return try self.documents(in: bytes, file: file) }
            documents += segment.documents.map { $0.moved(documents: count, lines: lines) }
            lines += segment.lineCount
            count += segment.documentCount
        }
        return documents
    }

    private static let largeSize = 1 << 20
    private static let pieceSize = 1 << 18

    /// The values of all documents of a text, of whatever type.
    ///
    /// - Throws: `YAMLError` naming `file`, the document and the line.
    public static func values(in text: String, file: String) throws(YAMLError) -> [YAMLValue] {
        let bytes = Array(text.utf8)
        if let values = jsonValues(in: bytes) { return values.map(\.value) }
        var values: [YAMLValue] = []
        var composer = DocumentComposer(parser: EventParser(bytes[...]), file: file)
        while let document = try composer.next() { values.append(document.value) }
        return values
    }

    /// The values of JSON texts, with or without markers between them, and where they begin; nil if there is anything
    /// else.
    ///
    /// JSON has escapes and white space that a YAML parser refuses.
    private static func jsonValues(in bytes: [UInt8]) -> [(value: YAMLValue, line: Int)]? {
        guard let found = JSONReader.values(of: bytes[...]) ?? markedJSONValues(in: bytes) else { return nil }
        var (line, counted) = (1, 0)
        return found.map { value, start in
            line += bytes[counted..<start].count { $0 == 0x0A }
            counted = start
            return (value, line)
        }
    }

    private static func markedJSONValues(in bytes: [UInt8]) -> [(value: YAMLValue, start: Int)]? {
        guard bytes.first(where: { !isSpace($0) && $0 != UInt8(ascii: "-") }) == UInt8(ascii: "{"),
            let contents = DocumentMarkers.contents(of: bytes), contents.count > 1
        else { return nil }
        var values: [(value: YAMLValue, start: Int)] = []
        for content in contents where !content.allSatisfy(isSpace) {
            guard let found = JSONReader.values(of: content) else { return nil }
            values += found
        }
        return values
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// The documents of some segment of a file.
    private struct Segment: Sendable {
        var documents: [YAMLDocument] = []
        /// How many there are, those included that are dropped.
        let documentCount: Int
        let lineCount: Int

        init(_ bytes: ArraySlice<UInt8>, file: String) throws(YAMLError) {
            let parser = EventParser(bytes)
            var composer = DocumentComposer(parser: parser, file: file)
            while let document = try composer.next() { try append(document, to: &documents) }
            documentCount = composer.index
            lineCount = parser.line - 1
        }
    }

    private static func append(_ document: YAMLDocument, to documents: inout [YAMLDocument]) throws(YAMLError) {
        switch document.value {
        case .null: return
        case .map(let entries):
            if entries.isEmpty { return }
            guard let items = document.value.listItems else { break }
            for (position, item) in items.enumerated() {
                guard case .map = item else { throw document.error(.badItem(position)) }
                documents.append(
                    YAMLDocument(value: item, file: document.file, index: document.index, line: document.line)
                )
            }
            return
        case .list: throw document.error(.notAMap("a list"))
        case .bool, .integer, .float, .string: throw document.error(.notAMap("a single value"))
        }
        documents.append(document)
    }
}

extension YAMLValue {
    /// The items of a List, which are documents of their own; nil for anything else.
    ///
    /// A kind that says so is an empty List; without one, an empty `items` may be a field like any other.
    public var listItems: [YAMLValue]? {
        guard let items = self["items"]?.listValue else { return nil }
        return !items.isEmpty || self["kind"]?.stringValue?.hasSuffix("List") == true ? items : nil
    }
}

extension YAMLDocument {
    fileprivate func error(_ reason: YAMLError.Reason) -> YAMLError {
        YAMLError(file: file, document: index, line: line, reason: reason)
    }

    /// The same document of a file in which others come before it.
    fileprivate func moved(documents: Int, lines: Int) -> YAMLDocument {
        YAMLDocument(value: value, file: file, index: index + documents, line: line + lines)
    }
}
