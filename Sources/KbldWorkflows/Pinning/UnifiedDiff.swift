public import SourceReferences

/// The changes of a file as a patch that `git apply` and `patch -p1` take.
public struct UnifiedDiff: Sendable {
    /// The patch, in bytes as the file has them.
    public let bytes: [UInt8]

    private static let contextLines = 3

    /// A run of lines that others take the place of.
    private struct Change {
        var old: Range<Int>
        var new: [ArraySlice<UInt8>]
    }

    /// Creates the patch of `edits` in `file`; it is empty where they change nothing.
    ///
    /// - Parameter path: The name of the file in the patch.
    public init(of edits: [SourceEdit], in file: SourceFile, path: String) {
        let lines = Self.lines(of: file.bytes[...])
        let changes = Self.changes(edits, in: file.bytes, lines)
        guard !changes.isEmpty else {
            bytes = []
            return
        }
        var text = Array("--- \(Self.name("a/\(path)"))\n+++ \(Self.name("b/\(path)"))\n".utf8)
        var rest = changes[...]
        var shift = 0
        while let first = rest.popFirst() {
            var hunk = [first]
            while let next = rest.first, let last = hunk.last,
                next.old.lowerBound - last.old.upperBound <= 2 * Self.contextLines
            {
                hunk.append(next)
                rest = rest.dropFirst()
            }
            text += Self.hunk(hunk, lines, shift: &shift)
        }
        bytes = text
    }

    private static func hunk(_ changes: [Change], _ lines: [ArraySlice<UInt8>], shift: inout Int) -> [UInt8] {
        guard let first = changes.first, let last = changes.last else { return [] }
        let start = max(0, first.old.lowerBound - contextLines)
        let end = min(lines.count, last.old.upperBound + contextLines)
        let added = changes.reduce(0) { $0 + $1.new.count }
        let removed = changes.reduce(0) { $0 + $1.old.count }
        let newCount = end - start + added - removed
        func range(_ start: Int, _ count: Int) -> String { "\(count == 0 ? start : start + 1),\(count)" }
        var text = Array("@@ -\(range(start, end - start)) +\(range(start + shift, newCount)) @@\n".utf8)
        var position = start
        for change in changes {
            for line in lines[position..<change.old.lowerBound] { append(line, " ", to: &text) }
            for line in lines[change.old] { append(line, "-", to: &text) }
            for line in change.new { append(line, "+", to: &text) }
            position = change.old.upperBound
        }
        for line in lines[position..<end] { append(line, " ", to: &text) }
        shift += added - removed
        return text
    }

    private static func append(_ line: ArraySlice<UInt8>, _ sign: Unicode.Scalar, to text: inout [UInt8]) {
        text.append(UInt8(ascii: sign))
        text += line
        if line.last != 0x0A { text += Array("\n\\ No newline at end of file\n".utf8) }
    }

    /// The lines that edits change, each run of them once.
    private static func changes(
        _ edits: [SourceEdit],
        in bytes: [UInt8],
        _ lines: [ArraySlice<UInt8>]
    ) -> [Change] {
        var groups: [(old: Range<Int>, edits: [SourceEdit])] = []
        var line = 0
        let sorted = edits.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for edit in sorted {
            while line + 1 < lines.count, lines[line].endIndex <= edit.range.lowerBound { line += 1 }
            var last = line
            while last + 1 < lines.count, lines[last].endIndex <= edit.range.upperBound, !edit.range.isEmpty {
                last += 1
            }
            let old = line..<min(lines.count, last + 1)
            if let before = groups.last, old.lowerBound < before.old.upperBound {
                groups[groups.count - 1].old = before.old.lowerBound..<max(before.old.upperBound, old.upperBound)
                groups[groups.count - 1].edits.append(edit)
            } else {
                groups.append((old, [edit]))
            }
        }
        return groups.compactMap { change($0.old, $0.edits, in: bytes, lines) }
    }

    /// The lines with their edits, without those at both ends that stay as they are.
    private static func change(
        _ old: Range<Int>,
        _ edits: [SourceEdit],
        in bytes: [UInt8],
        _ lines: [ArraySlice<UInt8>]
    ) -> Change? {
        var position = lines[old].first?.startIndex ?? bytes.count
        let end = lines[old].last?.endIndex ?? bytes.count
        var written: [UInt8] = []
        for edit in edits {
            written += bytes[position..<edit.range.lowerBound]
            written += edit.replacement.utf8
            position = edit.range.upperBound
        }
        written += bytes[position..<max(position, end)]
        var change = Change(old: old, new: Self.lines(of: written[...]))
        while let first = change.new.first, !change.old.isEmpty, first.elementsEqual(lines[change.old.lowerBound]) {
            change.new.removeFirst()
            change.old = change.old.dropFirst()
        }
        while let last = change.new.last, !change.old.isEmpty, last.elementsEqual(lines[change.old.upperBound - 1]) {
            change.new.removeLast()
            change.old = change.old.dropLast()
        }
        return change.old.isEmpty && change.new.isEmpty ? nil : change
    }

    /// The lines with their line breaks.
    private static func lines(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.endIndex
            lines.append(bytes[start..<end])
            start = end
        }
        return lines
    }

    /// A name as git writes it: in quotes where it has characters that would be taken for something else.
    private static func name(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard !isPlain else { return path.contains(" ") ? path + "\t" : path }
        var quoted = "\""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += "\\" + String(UnicodeScalar(byte))
            case 0..<0x20, 0x7F...0xFF:
                let digits = String(byte, radix: 8)
                quoted += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            default: quoted += String(UnicodeScalar(byte))
            }
        }
        return quoted + "\""
    }
}
