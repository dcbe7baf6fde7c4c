import ContainerImage

/// Rules about what is written, for which nobody is asked.
enum WrittenRules {
    static func unpinned(
        _ reference: CheckedReference,
        _ lock: ReferenceLock?,
        _ facts: RegistryFacts?
    ) -> RuleVerdict {
        guard case .image(let repository, _, nil) = reference.content, let tag = reference.tag else { return .passed }
        guard lock?.image(for: reference) == nil else { return .passed }
        let digest = facts?.tags[RegistryFacts.TagName(repository: repository, tag: tag)]?.value
        return .wrong(
            "not pinned to a digest" + (digest.map { "; \(tag) is \($0) now" } ?? ""),
            hint: "add the digest: \(reference.text)@\(digest?.description ?? "sha256:…")",
            digest: digest
        )
    }

    static func latest(_ reference: CheckedReference) -> RuleVerdict {
        guard case .image(_, let tag, let digest) = reference.content, tag == nil || tag == .latest else {
            return .passed
        }
        let what = tag == nil ? "no tag" + (digest == nil ? ", which means latest" : "") : "the tag is latest"
        return .wrong(what, hint: "name the version by its tag")
    }

    static func uncheckable(_ reference: CheckedReference) -> RuleVerdict {
        switch reference.content {
        case .interpolated:
            .wrong("a template or variable, so the image is not known", hint: "check the values that are put in")
        case .invalid(let reason): .wrong("not a valid reference: \(reason)")
        case .image, .overlooked: .passed
        }
    }

    static func overlooked(_ reference: CheckedReference) -> RuleVerdict {
        guard case .overlooked = reference.content else { return .passed }
        return .wrong(
            "reads like a reference, where none is looked for",
            hint: "add a search rule in a config document, or pin it by hand"
        )
    }

    static func lock(_ reference: CheckedReference, _ lock: ReferenceLock?) -> RuleVerdict {
        guard let lock, case .image(_, _, let digest) = reference.content else { return .passed }
        guard let image = lock.image(for: reference) else {
            return digest == nil
                ? .wrong("'\(lock.path)' has no entry for it", hint: "resolve the documents anew and write the lock")
                : .passed
        }
        guard let digest, image.digest != digest else { return .passed }
        return .wrong(
            "'\(lock.path)' has \(image.digest)",
            hint: "resolve the documents anew and write the lock"
        )
    }
}
