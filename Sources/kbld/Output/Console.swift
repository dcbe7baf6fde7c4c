import KubernetesYAML
import LibC

/// Standard output: blocks of YAML, tables, or both as JSON.
final class Console {
    private let asJSON: Bool
    private let columns: [String]
    private let isTerminal: Bool
    private var blocks: [String] = []
    private var tables: [Table] = []
    private var pending = ""
    private var hasPrinted = false

    init(_ options: ConsoleOptions) {
        asJSON = options.isJSON
        columns = options.columns
        isTerminal = options.isForTerminal || isatty(STDOUT_FILENO) == 1
    }

    /// Prints text as it is.
    func block(_ text: String) throws {
        if asJSON { blocks.append(text) } else { try put(text) }
    }

    /// Prints a table, of the chosen columns.
    func table(_ table: Table) throws {
        let chosen = try table.choosing(columns)
        if asJSON {
            tables.append(chosen)
        } else {
            try put(chosen.text(forTerminal: isTerminal, width: Terminal.width(of: STDOUT_FILENO)))
        }
    }

    /// Ends the output.
    ///
    /// - Parameter isSuccess: Whether success is reported to a terminal.
    func finish(_ isSuccess: Bool = true) throws {
        if asJSON {
            try put(json)
        } else if isTerminal, isSuccess {
            // A line apart from what was printed before, where there was anything.
            try put(hasPrinted ? "\nSucceeded\n" : "Succeeded\n")
        }
        try flush()
    }

    private func put(_ text: String) throws {
        hasPrinted = hasPrinted || !text.isEmpty
        pending += text
        if pending.utf8.count >= 1 << 16 { try flush() }
    }

    private func flush() throws {
        try StandardOutput.write(pending)
        pending = ""
    }

    private var json: String {
        func list(_ items: [String]) -> String {
            items.isEmpty
                ? "null" : "[\n" + items.map { $0.indented(by: 8) }.joined(separator: ",\n") + "\n    ]"
        }
        return """
            {
                "Tables": \(list(tables.map(\.json))),
                "Blocks": \(list(blocks.map { JSONWriter.compactText(of: .string($0)) })),
                "Lines": [
                    "Succeeded"
                ]
            }

            """
    }
}

extension String {
    fileprivate func indented(by width: Int) -> String {
        let margin = String(repeating: " ", count: width)
        return split(separator: "\n", omittingEmptySubsequences: false).map { margin + $0 }.joined(separator: "\n")
    }
}
