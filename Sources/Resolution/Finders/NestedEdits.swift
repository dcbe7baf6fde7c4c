import KubernetesYAML

/// Changes values within a text of YAML or JSON, and nothing else of it.
enum NestedEdits {
    /// The text in which `before`, its documents, are `after`.
    ///
    /// - Returns: nil where it takes more than other values in the places of some.
    static func apply(to text: String, from before: [YAMLValue], to after: [YAMLValue]) -> String? {
        let bytes = Array(text.utf8)
        guard let source = try? YAMLSource(bytes, file: "") else { return nil }
        let roots = source.documents.filter { source.value(at: $0) != .null }
        guard roots.count == before.count, roots.count == after.count else { return nil }
        var edits: [Range<Int>: [UInt8]] = [:]
        for ((root, old), new) in zip(zip(roots, before), after) {
            guard compare(root, old, new, source, bytes, &edits) else { return nil }
        }
        var edited: [UInt8] = []
        var end = 0
        for (range, replacement) in edits.sorted(by: { $0.key.lowerBound < $1.key.lowerBound }) {
            guard range.lowerBound >= end else { return nil }
            edited += bytes[end..<range.lowerBound]
            edited += replacement
            end = range.upperBound
        }
        edited += bytes[end...]
        // Aliases, and whatever else may have been overlooked.
        return checked(String(decoding: edited, as: UTF8.self), after)
    }

    /// The text with others in the places of some words, wherever these are, if it means `after` then.
    static func apply(_ changes: [String: String], to text: String, meaning after: [YAMLValue]) -> String? {
        var result = text
        for (word, change) in changes.sorted(by: { $0.key > $1.key }) { result = result.replacing(word, with: change) }
        return checked(result, after)
    }

    private static func checked(_ text: String, _ values: [YAMLValue]) -> String? {
        let read = JSONReader.values(of: text) ?? (try? YAMLReader.values(in: text, file: ""))
        return read?.filter { $0 != .null } == values ? text : nil
    }

    private static func compare(
        _ position: Int,
        _ old: YAMLValue,
        _ new: YAMLValue,
        _ source: YAMLSource,
        _ bytes: [UInt8],
        _ edits: inout [Range<Int>: [UInt8]]
    ) -> Bool {
        if old == new { return true }
        let node = source.nodes[source.resolved(position)]
        switch (node.content, old, new) {
        case (.list(let items), .list(let old), .list(let new)):
            guard items.count == old.count, old.count == new.count else { return false }
            return zip(items, zip(old, new)).allSatisfy { compare($0, $1.0, $1.1, source, bytes, &edits) }
        case (.map(let entries), .map(let old), .map(let new)):
            guard old.keys == new.keys else { return false }
            return zip(old, new).allSatisfy { old, new in
                if old.value == new.value { return true }
                guard let entry = entries.last(where: { source.name(of: $0.key) == old.key }) else { return false }
                return compare(entry.value, old.value, new.value, source, bytes, &edits)
            }
        case (.scalar(let text, let style), _, .string(let new)):
            guard let edit = edit(of: bytes[node.range], text, style, to: new) else { return false }
            edits[edit.range] = edit.bytes
            return true
        default: return false
        }
    }

    /// The bytes that change where the scalar `written`, which means `old`, is to mean `new`.
    private static func edit(
        of written: ArraySlice<UInt8>,
        _ old: String,
        _ style: YAMLSource.Style,
        to new: String
    ) -> (range: Range<Int>, bytes: [UInt8])? {
        let (from, to) = (Array(old.utf8), Array(new.utf8))
        switch style {
        case .plain where written.elementsEqual(from): return (written.indices, to)
        case .singleQuoted where written.count >= 2, .doubleQuoted where written.count >= 2:
            let inner = written.dropFirst().dropLast()
            if inner.elementsEqual(from), isPlain(to) { return (inner.indices, to) }
            // Whatever was escaped, and how, escapes that JSON has mean the same in YAML.
            guard style == .doubleQuoted else { return nil }
            return (written.indices, Array(JSONWriter.compactText(of: .string(new)).utf8))
        case .literal: return lines(of: written, from, to)
        case .folded, .plain:
            // A reference is one word, which isn't broken.
            guard isPlain(to), let start = written.firstRange(of: from), !from.isEmpty,
                written[start.upperBound...].firstRange(of: from) == nil
            else { return nil }
            return (start, to)
        default: return nil
        }
    }

    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\\")
        }
    }

    /// The lines of a literal that differ: each stays behind its indentation.
    private static func lines(
        of written: ArraySlice<UInt8>,
        _ old: [UInt8],
        _ new: [UInt8]
    ) -> (range: Range<Int>, bytes: [UInt8])? {
        let newline = UInt8(ascii: "\n")
        let from = old.split(separator: newline, omittingEmptySubsequences: false)
        let to = new.split(separator: newline, omittingEmptySubsequences: false)
        let raw = written.split(separator: newline, omittingEmptySubsequences: false)
        // The first line is the mark of a literal.
        guard from.count == to.count, raw.count > from.count || raw.count == from.count && from.last?.isEmpty == true
        else { return nil }
        var bytes = Array(raw[0])
        for (position, line) in raw.enumerated().dropFirst() {
            bytes.append(newline)
            guard position - 1 < from.count, from[position - 1] != to[position - 1] else {
                bytes += line
                continue
            }
            let indentation = line.prefix { $0 == UInt8(ascii: " ") }.count
            let old = from[position - 1]
            let ending = line.last == UInt8(ascii: "\r") && old.last != UInt8(ascii: "\r") ? 1 : 0
            let body = line.dropLast(ending)
            guard body.count >= old.count, body.count - old.count <= indentation,
                body.suffix(old.count).elementsEqual(old)
            else { return nil }
            bytes += body.dropLast(old.count) + to[position - 1] + line.suffix(ending)
        }
        return (written.indices, bytes)
    }
}
