/// An error that takes several lines to describe, such as a list of failures.
///
/// A description that isn't given as lines is one line, whatever is in it: names from outside can't add to the log.
public protocol MultilineError: Error {
    /// The lines of the description, at least one.
    var lines: [String] { get }
}

extension MultilineError {
    /// The lines on one another.
    public var description: String { lines.joined(separator: "\n") }
}

extension [String] {
    /// The lines that describe `error`.
    public init(describing error: any Error) {
        self = (error as? any MultilineError)?.lines ?? ["\(error)"]
    }
}
