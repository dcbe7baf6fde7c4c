import KubernetesYAML
import Presentation

/// Rows under headings, in the forms that the original prints, or in the form of a grid.
struct Table: Sendable {
    /// What the rows are: `images`.
    var content: String
    /// The headings.
    var header: [String]
    /// The cells; an empty one prints as `-`.
    var rows: [[String]]
    /// The heading of the column whose cells may have several lines; line breaks in others are no line breaks.
    var textHeading: String?
    /// What a grid is made of; nil for the original's forms.
    var grid: Grid?

    /// A row a line.
    struct Grid: Sendable {
        /// How the columns are laid out.
        var styles: [TextTable.Style]
        /// The last line.
        var totals: [String]?
        /// Whether digests have twelve digits.
        var shortensDigests = true
        /// Whether only some columns are printed.
        var isChosen = false
    }

    /// The table with the columns of these names, in the table's own order; all of them when none is named.
    ///
    /// - Throws: `UnknownColumnError` for a name that no column has.
    func choosing(_ names: [String]) throws(UnknownColumnError) -> Table {
        try Self.check(names, among: header)
        let wanted = Set(Self.named(names).map(Self.key))
        guard !wanted.isEmpty else { return self }
        let kept = header.indices.filter { wanted.contains(Self.key(header[$0])) }
        return Table(
            content: content,
            header: kept.map { header[$0] },
            rows: rows.map { row in kept.map { row[$0] } },
            textHeading: textHeading,
            grid: grid.map { grid in
                Grid(
                    styles: kept.map { grid.styles[$0] },
                    totals: grid.totals.map { totals in kept.map { totals[$0] } },
                    shortensDigests: grid.shortensDigests,
                    isChosen: true
                )
            }
        )
    }

    /// Makes sure that columns under `headings` have these names.
    ///
    /// - Throws: `UnknownColumnError` for a name that no column has.
    static func check(_ names: [String], among headings: [String]) throws(UnknownColumnError) {
        let known = headings.map(key)
        if let unknown = named(names).first(where: { !known.contains(key($0)) }) {
            throw UnknownColumnError(name: unknown, known: known)
        }
    }

    /// Names, some of which may be given in one word.
    private static func named(_ names: [String]) -> [String] {
        names.flatMap { $0.split(separator: ",") }.map(String.init)
    }

    /// The text for a terminal, or for what is none.
    ///
    /// - Parameter width: The terminal's; nil where there is none.
    func text(forTerminal isTerminal: Bool, width: Int?) -> String {
        guard let grid else { return isTerminal ? terminalText : plainText }
        // Who asks for columns in a pipe takes them apart: nothing but cells, with tabs between, and nothing shortened.
        guard isTerminal || !grid.isChosen else {
            return rows.map {
                $0.map { TerminalText.line($0.replacing("\t", with: " ")) }.joined(separator: "\t") + "\n"
            }.joined()
        }
        // Whole digests are for those who have room for them, and for pipes.
        let widest = zip(header.indices, grid.styles).filter { $1 == .name }.flatMap { index, _ in
            rows.map { $0[index].count }
        }
        let shortens = grid.shortensDigests || width.map { ($0) / 2 < widest.max() ?? 0 } ?? false
        let cells = rows.map { row in
            row.map { TerminalText.line(shortens ? Self.withShortDigests($0) : $0) }
        }
        let columns = zip(header, grid.styles).map { TextTable.Column($0, $1) }
        return TextTable(columns, rows: cells, totals: grid.totals).text(width: width)
    }

    /// The first twelve digits tell images apart.
    private static func withShortDigests(_ text: String) -> String {
        text.replacing(/(sha(?:256|512):[0-9a-f]{12})[0-9a-f]{52,}/) { $0.output.1 }
    }

    /// One cell a line, a blank line between rows: what the original prints where there is no terminal.
    var plainText: String {
        rows.map { row in
            zip(header, row).map { lines(of: $1, under: $0).map { $0 + "\t\n" }.joined() }.joined()
        }
        .joined(separator: "\n")
    }

    /// The headings beside the cells, and how many rows there are: what the original prints on a terminal.
    var terminalText: String {
        let width = header.map(\.count).max() ?? 0
        let blocks = rows.map { row in
            zip(header, row).map { heading, cell in
                lines(of: cell, under: heading).enumerated().map { position, line in
                    let label = position == 0 ? heading : ""
                    return label + String(repeating: " ", count: width - label.count) + "  " + line + "  \n"
                }.joined()
            }.joined()
        }
        let heading = content.prefix(1).uppercased() + content.dropFirst()
        return "\(heading)\n\n" + blocks.joined(separator: "\n") + "\n\(rows.count) \(content)\n"
    }

    /// The table in the original's JSON.
    var json: String {
        func quoted(_ text: String) -> String { TerminalText.json(JSONWriter.compactText(of: .string(text))) }
        func object(_ cells: [(key: String, value: String)], margin: String) -> String {
            let lines = cells.sorted { $0.key < $1.key }.map { "\(margin)    \(quoted($0.key)): \(quoted($0.value))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(margin)}"
        }
        let keys = header.map(Self.key)
        let heading = object(Array(zip(keys, header)).map { (key: $0, value: $1) }, margin: "    ")
        let body = rows.map { row in
            "        " + object(Array(zip(keys, row)).map { (key: $0, value: $1) }, margin: "        ")
        }
        let list = body.isEmpty ? "[]" : "[\n\(body.joined(separator: ",\n"))\n    ]"
        return """
            {
                "Content": \(quoted(content)),
                "Header": \(heading),
                "Rows": \(list),
                "Notes": null
            }
            """
    }

    /// A heading as JSON and `--column` name it.
    static func key(_ heading: String) -> String {
        heading.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }

    private func lines(of cell: String, under heading: String) -> [String] {
        guard !cell.isEmpty else { return ["-"] }
        guard heading == textHeading else { return [TerminalText.line(cell)] }
        return cell.split(separator: "\n", omittingEmptySubsequences: false).map { TerminalText.line(String($0)) }
    }
}

/// `--column` with a name that no column has.
struct UnknownColumnError: Error, Sendable, CustomStringConvertible {
    let name: String
    let known: [String]

    var description: String { "--column: there is no column '\(name)'; there are \(known.joined(separator: ", "))" }
}
