public import ContainerImage

/// Which images an index may lack where it arrives.
public enum SparseIndexes: Sendable {
    /// None: an index comes after all that it names.
    case refused
    /// Any.
    case accepted
    /// All but those for these platforms, as Docker's registry has it (`validation.manifests.indexes.platforms`).
    case acceptedWith([Platform])

    /// Whether `entry` of an index need not be there.
    func mayLack(_ entry: Descriptor) -> Bool {
        switch self {
        case .refused: false
        case .accepted: true
        case .acceptedWith(let platforms):
            !platforms.contains { entry.platform?.satisfies($0) ?? true }
        }
    }
}
