/// An error that takes several lines to describe, such as a list of failures.
///
/// A description that isn't given as lines is one line, whatever is in it: names from outside can't add to the log.
public protocol MultilineError: HintedError {
    /// The lines of the description, at least one.
    var lines: [HintedText] { get }
}

extension MultilineError {
    /// The lines on one another.
    public var message: HintedText {
        lines.dropFirst().reduce(into: lines.first ?? "") { $0 += "\n" + $1 }
    }
}

extension [HintedText] {
    /// Creates the lines that describe `error`.
    public init(describing error: any Error) {
        self = (error as? any MultilineError)?.lines ?? [HintedText(describing: error)]
    }
}
