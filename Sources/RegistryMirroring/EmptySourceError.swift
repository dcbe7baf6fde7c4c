import ContainerImage

/// A repository that lists no tags, which is a surprise where others are to go for it.
struct EmptySourceError: HintedError {
    /// What is surprising, and how to say that it is right.
    var message: HintedText {
        "it lists no tags, so nothing is pruned for it\(hint: .confirmAbsence, after: "; ")"
    }
}
