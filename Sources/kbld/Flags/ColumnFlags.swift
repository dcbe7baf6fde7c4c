import ArgumentParser

/// The columns of a command's tables, by their headings.
protocol TableColumns: Sendable {
    /// The headings of all tables that the command may print; empty where it prints none.
    static var headings: [String] { get }
}

/// The columns of a command that prints no table, which the original takes all the same.
enum NoColumns: TableColumns {
    static let headings: [String] = []
}

/// Which columns of a table are printed.
struct ColumnFlags<Columns: TableColumns>: ParsableArguments {
    @Option(
        name: .customLong("column"),
        help: ArgumentHelp(
            "Print only this column.",
            discussion: "Repeatable.",
            valueName: "name",
            visibility: Columns.headings.isEmpty ? .hidden : .default
        ),
        completion: .list(Columns.headings.map(Table.key))
    )
    var columns: [String] = []

    /// Makes sure that there are such columns, before there is anything to print.
    ///
    /// - Throws: `UnknownColumnError`.
    func check() throws(UnknownColumnError) { try Table.check(columns, among: Columns.headings) }
}
