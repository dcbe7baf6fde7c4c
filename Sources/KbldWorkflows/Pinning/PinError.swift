public import ContainerImage

/// All that failed while references were pinned.
public struct PinError: MultilineError, Sendable {
    /// At least one.
    public let failures: [HintedText]
    /// Whether what didn't fail was written.
    public let isPartial: Bool

    /// Creates an error.
    public init(failures: [HintedText], isPartial: Bool = false) {
        self.failures = failures
        self.isPartial = isPartial
    }

    /// All of them, after a line that says what became of the rest.
    public var lines: [HintedText] {
        let count = Count.text(failures.count, "failure")
        return [isPartial ? "\(count), all else was pinned:" : "nothing was written, \(count):"]
            + failures.map { "- \($0)" }
    }
}
