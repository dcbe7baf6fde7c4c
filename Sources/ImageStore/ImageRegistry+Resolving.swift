public import ContainerImage

extension ImageRegistry {
    /// The reference by digest that `reference` means now: its tag is looked up, a digest is taken as it is.
    ///
    /// - Throws: What looking up a tag throws.
    public func resolve(_ reference: ImageReference) async throws -> DigestReference {
        switch reference {
        case .digest(let pinned): pinned
        case .tag(let name, let tag):
            DigestReference(repository: name, digest: try await repository(name).resolve(tag).digest)
        }
    }
}
