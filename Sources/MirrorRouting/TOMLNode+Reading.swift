/// Reading values of known kinds, with errors that name lines.
extension TOMLNode {
    /// The entries of a table, all of whose keys must be known.
    func table(_ name: String, keys: Set<String>? = nil) throws(MirrorFileError) -> [(key: String, node: TOMLNode)] {
        guard case .table(let entries) = content else { throw wrong(name, "a table") }
        if let keys, let entry = entries.first(where: { !keys.contains($0.key) }) {
            throw MirrorFileError(
                "unknown key '\(entry.key)'\(name.isEmpty ? "" : " in \(name)")",
                line: entry.node.line
            )
        }
        return entries
    }

    func items(_ name: String) throws(MirrorFileError) -> [TOMLNode] {
        guard case .array(let items) = content else { throw wrong(name, "an array") }
        return items
    }

    func string(_ name: String) throws(MirrorFileError) -> String {
        guard case .string(let text) = content else { throw wrong(name, "a string") }
        return text
    }

    func boolean(_ name: String) throws(MirrorFileError) -> Bool {
        guard case .boolean(let flag) = content else { throw wrong(name, "true or false") }
        return flag
    }

    /// A string, or an array of strings.
    func strings(_ name: String) throws(MirrorFileError) -> [String] {
        guard case .array(let items) = content else { return [try string(name)] }
        var texts: [String] = []
        for item in items { texts.append(try item.string(name)) }
        return texts
    }

    func wrong(_ name: String, _ expected: String) -> MirrorFileError {
        MirrorFileError("\(name) must be \(expected)", line: line)
    }
}
