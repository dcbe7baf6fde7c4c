/// Reads YAML 1.1 and JSON.
public enum YAMLReader {
    /// The documents of a file in their order. Lists are replaced by their items, one level deep; documents without
    /// content are dropped.
    ///
    /// - Throws: `YAMLError` naming the file, the document and the line.
    public static func documents(in bytes: [UInt8], file: String) throws(YAMLError) -> [YAMLDocument] {
        var documents: [YAMLDocument] = []
        try read(bytes, file: file) { document throws(YAMLError) in
            switch document.value {
            case .null: return
            case .map(let entries):
                if entries.isEmpty { return }
                guard let items = entries["items"]?.listValue, !items.isEmpty || isList(entries) else { break }
                for (position, item) in items.enumerated() {
                    guard case .map(let fields) = item else {
                        throw document.error(.badItem(position))
                    }
                    guard !fields.isEmpty else { continue }
                    documents.append(
                        YAMLDocument(value: item, file: file, index: document.index, line: document.line)
                    )
                }
                return
            case .list: throw document.error(.notAMap("a list"))
            case .bool, .integer, .float, .string: throw document.error(.notAMap("a single value"))
            }
            documents.append(document)
        }
        return documents
    }

    /// The values of all documents of a text, of whatever type, as they stand.
    ///
    /// - Throws: `YAMLError` naming `file`, the document and the line.
    public static func values(in text: String, file: String) throws(YAMLError) -> [YAMLValue] {
        var values: [YAMLValue] = []
        try read(Array(text.utf8), file: file) { document throws(YAMLError) in values.append(document.value) }
        return values
    }

    /// A kind that says so is an empty List; without one, an empty `items` may be a field like any other.
    private static func isList(_ entries: [String: YAMLValue]) -> Bool {
        entries["kind"]?.stringValue?.hasSuffix("List") ?? false
    }

    private static func read(
        _ bytes: [UInt8],
        file: String,
        _ take: (YAMLDocument) throws(YAMLError) -> Void
    ) throws(YAMLError) {
        // JSON has escapes and white space that a YAML parser refuses.
        if let value = JSONReader.value(of: bytes) {
            return try take(YAMLDocument(value: value, file: file, index: 1, line: 1))
        }
        let parser = EventParser(bytes)
        var composer = DocumentComposer(parser: parser, file: file)
        while let document = try composer.next() { try take(document) }
    }
}

extension YAMLDocument {
    fileprivate func error(_ reason: YAMLError.Reason) -> YAMLError {
        YAMLError(file: file, document: index, line: line, reason: reason)
    }
}
