/// Rows under headings, aligned, as wide as a terminal.
public struct TextTable: Sendable {
    /// How a column is laid out.
    public enum Style: Sendable {
        /// Text, never cut.
        case text
        /// A number, at the right.
        case number
        /// A name whose end tells the most: where there is no room, `sha256:` and its beginning are left out.
        case name
        /// Sentences, which go on in further lines where there is no room.
        case prose
    }

    /// A column.
    public struct Column: Sendable {
        /// What is above it.
        public var heading: String
        /// How it is laid out.
        public var style: Style

        /// Creates a column.
        public init(_ heading: String, _ style: Style = .text) {
            self.heading = heading
            self.style = style
        }
    }

    private let columns: [Column]
    private var rows: [[String]]
    private let totals: [String]?

    /// Creates a table.
    ///
    /// - Parameters:
    ///   - rows: A cell for each column; without line breaks.
    ///   - totals: The last line, apart from the others.
    public init(_ columns: [Column], rows: [[String]], totals: [String]? = nil) {
        self.columns = columns
        self.rows = rows
        self.totals = totals
    }

    private static let gap = 2
    private static let narrowestName = 12

    /// The lines, each with a newline; none for a table without rows and totals.
    ///
    /// - Parameter width: How many columns of text there are; nil for as many as the longest line needs.
    public func text(width: Int? = nil) -> String {
        guard !rows.isEmpty || totals != nil else { return "" }
        if let width, lineLength(of: widths(within: nil)) > width, let shorter = withBareDigests {
            return shorter.text(width: width)
        }
        let widths = widths(within: width)
        var lines = lines(of: columns.map { $0.heading.uppercased() }, widths)
        lines += rows.flatMap { self.lines(of: $0, widths) }
        if let totals {
            lines.append(String(repeating: "-", count: lineLength(of: widths)))
            lines += self.lines(of: totals, widths)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func lineLength(of widths: [Int]) -> Int {
        widths.reduce(0, +) + Self.gap * max(0, columns.count - 1)
    }

    /// The table with `app@0123…` in place of `app@sha256:0123…`; nil where there is nothing to shorten.
    private var withBareDigests: TextTable? {
        var table = self
        table.rows = rows.map { row in
            zip(columns, row).map { $0.style == .name ? $1.replacing("@sha256:", with: "@") : $1 }
        }
        return table.rows == rows ? nil : table
    }

    private func widths(within limit: Int?) -> [Int] {
        let all = [columns.map(\.heading)] + rows + (totals.map { [$0] } ?? [])
        var widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        guard let limit else { return widths }
        var excess: Int { lineLength(of: widths) - limit }
        for column in columns.indices where columns[column].style == .prose && excess > 0 {
            widths[column] = max(widths[column] - excess, min(widths[column], limit / 2))
        }
        let names = columns.indices.filter { columns[$0].style == .name }
        while excess > 0, let widest = names.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.narrowestName {
            widths[widest] -= 1
        }
        return widths
    }

    private func lines(of cells: [String], _ widths: [Int]) -> [String] {
        let parts = zip(columns, zip(cells, widths)).map { column, cell in
            column.style == .prose ? Self.wrapped(cell.0, cell.1) : [Self.cut(cell.0, cell.1)]
        }
        return (0..<(parts.map(\.count).max() ?? 0)).map { line in
            let texts = columns.indices.map { column in
                let text = parts[column].dropFirst(line).first ?? ""
                let room = String(repeating: " ", count: max(0, widths[column] - text.count))
                return columns[column].style == .number ? room + text : text + room
            }
            let whole = texts.joined(separator: String(repeating: " ", count: Self.gap))
            return String(whole.prefix(whole.count - whole.reversed().prefix { $0 == " " }.count))
        }
    }

    private static func cut(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : "…" + text.suffix(max(0, width - 1))
    }

    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        guard text.count > width else { return [text] }
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
