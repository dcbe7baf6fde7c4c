/// How output looks.
struct ConsoleOptions: Sendable {
    /// Whether it is JSON.
    var isJSON = false
    /// The only columns that are printed; empty for all.
    var columns: [String] = []
    /// Whether it is printed as on a terminal, wherever it goes.
    var isForTerminal = false
}
