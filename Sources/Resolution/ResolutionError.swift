public import ContainerImage

/// A reference that failed to resolve.
public struct ReferenceResolutionError: MultilineError, Sendable {
    /// The reference as written.
    public let reference: String
    /// What happened.
    public let cause: any Error
    /// Where the documents have it, where that is known.
    public internal(set) var place: String?

    init(reference: String, cause: any Error) {
        self.reference = reference
        self.cause = cause
    }

    /// The reference, where it is, and what happened.
    public var lines: [HintedText] {
        let cause = [HintedText](describing: cause)
        return ["Resolving image '\(reference)'\(place.map { " (\($0))" } ?? ""): \(cause.first ?? "")"]
            + cause.dropFirst()
    }
}

/// All references that failed to resolve.
public struct ResolutionError: MultilineError, Sendable {
    /// At least one.
    public let failures: [ReferenceResolutionError]

    /// The same, with the places of the references.
    public func located(by places: ReferencePlaces) -> ResolutionError {
        ResolutionError(
            failures: failures.map { failure in
                var failure = failure
                failure.place = places.text(of: failure.reference)
                return failure
            }
        )
    }

    /// All of them, after an empty line.
    public var lines: [HintedText] {
        [""] + failures.flatMap { ["- \($0.lines[0])"] + $0.lines.dropFirst() }
    }
}

/// A source is configured but building isn't allowed.
public struct BuildRefusalError: HintedError, Sendable {
    /// The reference that has a source.
    public let reference: String

    /// The reference, and the reason.
    public var message: HintedText {
        "a source is configured for '\(reference)', but building is disabled"
            + "\(hint: .allowBuilds, after: " (", before: ")")"
    }
}

/// No image of an index fits a platform, or several do.
public struct PlatformSelectionError: Error, Sendable, CustomStringConvertible {
    /// The index.
    public let index: DigestReference
    /// What was wanted.
    public let wanted: Platform
    /// What the index has.
    public let entries: [Descriptor]
    /// How many fit.
    public let found: Int

    /// The index, the requested and the available platforms.
    public var description: String {
        let available = entries.compactMap { $0.platform?.description }.joined(separator: ", ")
        let there = available.isEmpty ? "none of its entries has a platform" : "it has \(available)"
        return found == 0
            ? "index '\(index)' has no image for platform \(wanted); \(there)"
            : "index '\(index)' has \(Count.text(found, "image")) for platform \(wanted), and exactly one must match; \(there)"
    }
}
