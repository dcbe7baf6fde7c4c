import ContainerImage

/// Whether a package or a mirror has an image.
struct PlaceRules {
    private let settings: CheckSettings
    private let facts: RegistryFacts?

    init(_ settings: CheckSettings, _ facts: RegistryFacts?) {
        self.settings = settings
        self.facts = facts
    }

    func absent(_ reference: CheckedReference) -> RuleVerdict {
        guard case .image(let repository, _, let digest) = reference.content else { return .passed }
        let image = reference.pinned ?? settings.lock?.image(for: reference)
        if let package = settings.package {
            let isThere =
                image.map { package.contains($0) }
                ?? reference.tag.map { package.contains(repository, $0) } ?? false
            if !isThere { return .wrong("'\(package.name)' does not contain it" + words(digest), hint: "package it") }
        }
        guard let mirror = settings.mirror else { return .passed }
        guard let image else {
            return .wrong("not pinned, so nothing tells whether \(mirror.root) has it", hint: "pin it first")
        }
        do {
            let mirrored = try mirror.reference(for: image)
            switch facts?.images[mirrored] {
            case .value?, nil: return .passed
            case .absent?: return .wrong("\(mirrored.repository) does not have it", hint: "install it there first")
            case .failed(let reason)?: return .unknown(reason)
            }
        } catch {
            return .wrong("it has no name below \(mirror.root): \(error)")
        }
    }

    /// Whether an image is signed: as the package has it, else as its registry has it.
    func unsigned(_ reference: CheckedReference) -> RuleVerdict {
        guard case .image(let repository, _, _) = reference.content else { return .passed }
        guard let package = settings.package else { return facts?.signature(of: reference).verdict ?? .passed }
        let tagged = reference.tag.flatMap { package.tags[.tag(repository, $0)] }
        guard let digest = (reference.pinned ?? settings.lock?.image(for: reference))?.digest ?? tagged else {
            return .unknown("it is not pinned, so nothing tells which image of '\(package.name)' it is")
        }
        return package.signatures[digest]?.verdict ?? .unknown("'\(package.name)' does not contain it")
    }

    private func words(_ digest: Digest?) -> String { digest == nil ? "; it is not pinned" : "" }
}
