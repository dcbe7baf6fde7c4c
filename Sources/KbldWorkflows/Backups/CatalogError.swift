import ContainerImage

/// A registry that doesn't tell which repositories it has.
struct CatalogError: HintedError, Sendable {
    let pattern: String
    let cause: any Error

    var message: HintedText {
        "The registry doesn't list its repositories, which '\(pattern)' needs; name each repository instead: \(cause)"
    }
}
