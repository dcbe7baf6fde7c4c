import ContainerImage
import ReferenceChecks
import SourceReferences

/// Which references are pinned.
extension PinWorkflow {
    func isIgnored(_ reference: SourceReference) -> Bool {
        reference.ignored.contains(Self.unpinnedRule)
    }

    /// The rule that references must be pinned: where it is off, they aren't.
    private static let unpinnedRule = "KBLD001"

    func isSelected(_ reference: SourceReference) -> Bool {
        let names = Self.names(of: reference)
        guard !names.isEmpty else { return options.only.isEmpty }
        func isOf(_ patterns: [NamePattern]) -> Bool { patterns.contains { names.contains(where: $0.matches) } }
        return (options.only.isEmpty || isOf(options.only)) && !isOf(options.skip)
    }

    /// The name of an image, in both ways that Docker Hub has.
    static func names(of reference: SourceReference) -> [String] {
        guard let repository = reference.repository else { return [] }
        let name = repository.description
        return repository.registry == .dockerHub ? [name, "docker.io/\(repository.path)"] : [name]
    }

    func needsWork(_ reference: SourceReference) -> Bool {
        switch options.action {
        case .pin: !reference.isPinned
        case .update: true
        case .undo: reference.isPinned
        }
    }

    /// Whether a reference has what it takes; what it lacks is told.
    func isSupported(_ reference: SourceReference, _ place: String) -> Bool {
        let start: HintedText = "\(place): '\(reference.text)' is left as it is: "
        if reference.isPinned, reference.tag == nil {
            context.warning(start + "it has a digest alone, and no tag is known")
            return false
        }
        guard options.action != .undo else { return true }
        if reference.lacksTag, !options.pinsUntagged {
            context.warning(start + "its tag is given elsewhere\(hint: .defaultTag, after: "; write it, or ")")
            return false
        }
        if reference.needsTagField, !options.usesTagField, !reference.isPinned {
            context.warning(
                start + "there is no field for its digest; add digest: \"\"\(hint: .tagField, after: ", or ")"
            )
            return false
        }
        return true
    }
}
