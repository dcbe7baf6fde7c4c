import ContainerImage

/// Where repositories are pinned, and to what.
struct PinnedPlaces {
    private struct Pin {
        var digest: Digest
        var place: String
    }

    private var tags: [RegistryFacts.TagName: Pin] = [:]
    private var repositories: [Repository: String] = [:]

    /// Notes the first place of each repository and tag that is pinned.
    init(_ references: [CheckedReference]) {
        for reference in references {
            guard let repository = reference.repository, let digest = reference.digest else { continue }
            if repositories[repository] == nil { repositories[repository] = reference.place }
            guard let tag = reference.writtenTag else { continue }
            let name = RegistryFacts.TagName(repository: repository, tag: tag)
            if tags[name] == nil { tags[name] = Pin(digest: digest, place: reference.place) }
        }
    }

    func verdict(on reference: CheckedReference) -> RuleVerdict {
        guard let repository = reference.repository else { return .passed }
        guard let digest = reference.digest else {
            guard let place = repositories[repository] else { return .passed }
            return .wrong("pinned in \(place), but not here", hint: "pin it in both places")
        }
        guard let tag = reference.writtenTag,
            let first = tags[RegistryFacts.TagName(repository: repository, tag: tag)], first.digest != digest
        else { return .passed }
        return .wrong(
            "\(tag) is \(digest) here, but \(first.digest) in \(first.place)",
            hint: "pin one tag to one digest"
        )
    }
}
