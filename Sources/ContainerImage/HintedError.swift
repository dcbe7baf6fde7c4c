/// An error that can say what helps, or that has a cause which may.
public protocol HintedError: Error, CustomStringConvertible {
    /// What failed, on what, with hints where they belong.
    var message: HintedText { get }
}

extension HintedError {
    /// The message without its hints.
    public var description: String { message.description }
}
