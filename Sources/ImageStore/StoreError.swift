public import ContainerImage

/// An error of a store that tells whether what was asked for is there.
public protocol StoreError: Error {
    /// Whether it means that the content does not exist.
    var meansAbsence: Bool { get }

    /// Whether there may be no such thing: registries refuse what they don't have in many ways, or hide it.
    var mayMeanAbsence: Bool { get }

    /// What is wrong with the manifest that was asked for, where it is there and can't be used.
    var manifestError: ManifestError? { get }
}
