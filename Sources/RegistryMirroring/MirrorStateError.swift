public import ContainerImage
public import ImageStore

/// A mirror's state that can't be used.
public struct MirrorStateError: HintedError {
    /// What is wrong with a state.
    enum Reason: Error {
        /// It isn't valid JSON of a state.
        case malformed
        /// A newer version has written it.
        case newer
        /// What is in its place is something else.
        case foreign
        /// Other runs keep changing it.
        case contended
        /// The registry doesn't give it, or doesn't take it.
        case registry(any StoreError)
    }

    /// Where the state is.
    let reference: ImageReference
    let reason: Reason

    /// What is wrong, and what to do.
    public var message: HintedText {
        "The mirror's state in \(reference), which says what tags are its own, \(explanation)"
    }

    private var explanation: HintedText {
        switch reason {
        case .malformed:
            "is damaged; delete that tag, then take the tags that are there for the mirror's own"
                + "\(hint: .adoptTags, after: " with ")"
        case .newer: "was written by a newer version; use that"
        case .foreign: "is something else; delete that tag, or give the mirror another name (metadata.name)"
        case .contended: "is changed by other runs of the mirror all the time; run one at a time"
        case .registry(let error): "can't be read or written: \(HintedText(describing: error))"
        }
    }
}

extension MirrorStateError: StoreError {
    private var cause: (any StoreError)? { if case .registry(let error) = reason { error } else { nil } }

    /// Whether the registry says that it isn't there.
    public var meansAbsence: Bool { cause?.meansAbsence == true }
    /// Whether the registry may mean that it isn't there.
    public var mayMeanAbsence: Bool { cause?.mayMeanAbsence == true }
    /// What is wrong with its manifest.
    public var manifestError: ManifestError? { cause?.manifestError }
}
