public import ContainerImage

/// No image of an index is for any of the platforms that are wanted.
public struct PlatformFilterError: Error, Sendable, CustomStringConvertible {
    /// The index.
    public let index: DigestReference
    /// What was wanted.
    public let platforms: [Platform]
    /// What there is.
    public let available: [Platform]

    /// The index, the requested and the available platforms.
    public var description: String {
        func list(_ platforms: [Platform]) -> String { platforms.map(\.description).joined(separator: ", ") }
        let there = available.isEmpty ? "none of its entries has a platform" : "it has \(list(available))"
        return "Filtering index \(index) to \(list(platforms)) would leave nothing: \(there)"
    }
}
