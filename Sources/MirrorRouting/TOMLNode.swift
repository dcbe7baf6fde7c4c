import CLibTOML

/// A value of a TOML document, with its line.
struct TOMLNode: Sendable {
    /// What a value is.
    enum Content: Sendable {
        /// Entries in the order of their lines.
        case table([(key: String, node: TOMLNode)])
        case array([TOMLNode])
        case string(String)
        case integer(Int64)
        case boolean(Bool)
        /// A float or a date.
        case other
    }

    /// Where it begins, from 1 on.
    let line: Int
    let content: Content

    /// Parses the text of a document, whose root is a table.
    ///
    /// - Throws: `MirrorFileError` with the line.
    init(parsing text: String) throws(MirrorFileError) {
        var text = text
        let parsed = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { clibtoml_parse($0.baseAddress, $0.count) }
        }
        guard let document = parsed else { throw MirrorFileError("there is no memory for it") }
        defer { clibtoml_free(document) }
        if let reason = clibtoml_error(document) {
            throw MirrorFileError(
                "it is not TOML: \(String(cString: reason))",
                line: Int(clibtoml_error_line(document))
            )
        }
        var position = 0
        self = Self.read(document, &position)?.node ?? TOMLNode(line: 1, content: .table([]))
    }

    private init(line: Int, content: Content) {
        self.line = line
        self.content = content
    }

    private static func read(
        _ document: OpaquePointer,
        _ position: inout Int
    ) -> (key: String, node: TOMLNode)? {
        guard position < clibtoml_count(document) else { return nil }
        let node = clibtoml_node_at(document, position)
        position += 1
        let content: Content
        switch Int(node.kind) {
        case CLIBTOML_TABLE:
            var entries: [(key: String, node: TOMLNode)] = []
            for _ in 0..<node.count {
                if let entry = read(document, &position) { entries.append(entry) }
            }
            content = .table(entries.sorted { ($0.node.line, $0.key) < ($1.node.line, $1.key) })
        case CLIBTOML_ARRAY:
            var items: [TOMLNode] = []
            for _ in 0..<node.count {
                if let item = read(document, &position) { items.append(item.node) }
            }
            content = .array(items)
        case CLIBTOML_STRING: content = .string(text(node.text, node.text_length))
        case CLIBTOML_INTEGER: content = .integer(node.number)
        case CLIBTOML_BOOLEAN: content = .boolean(node.number != 0)
        default: content = .other
        }
        return (text(node.key, node.key_length), TOMLNode(line: Int(node.line), content: content))
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
        guard let start, length > 0 else { return "" }
        return UnsafeRawBufferPointer(start: start, count: length).withMemoryRebound(to: UInt8.self) {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
