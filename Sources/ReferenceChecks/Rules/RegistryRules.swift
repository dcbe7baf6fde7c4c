import ContainerImage
import ImageStore

/// Rules about what registries have.
struct RegistryRules {
    private let settings: CheckSettings
    private let facts: RegistryFacts

    init(_ settings: CheckSettings, _ facts: RegistryFacts) {
        self.settings = settings
        self.facts = facts
    }

    func verdict(of rule: CheckRule, on reference: CheckedReference) -> RuleVerdict {
        guard case .image(let repository, _, _) = reference.content else { return .passed }
        let tag = reference.tag.map { RegistryFacts.TagName(repository: repository, tag: $0) }
        switch rule {
        case .missing: return missing(reference, tag)
        case .drift: return drift(reference, tag)
        case .tagGone: return tagGone(reference, tag)
        case .newer: return newer(reference, repository)
        case .base: return details(reference, tag, base)
        case .age: return details(reference, tag, age)
        case .platform: return details(reference, tag, platform)
        default: return .passed
        }
    }

    // MARK: Tags and digests

    private func missing(_ reference: CheckedReference, _ tag: RegistryFacts.TagName?) -> RuleVerdict {
        if let pinned = reference.pinned {
            switch facts.images[pinned] {
            case .absent?: return .wrong("the registry does not have \(pinned.digest)", hint: "pin another image")
            case .failed(let reason)?: return .unknown(reason)
            case .value?, nil: return settings.isDeep ? parts(of: pinned) : .passed
            }
        }
        guard let tag, let answer = facts.tags[tag] else { return .passed }
        switch answer {
        case .absent: return .wrong("the registry does not have the tag \(tag.tag)", hint: "name another tag")
        case .failed(let reason): return .unknown(reason)
        case .value(let digest):
            return settings.isDeep
                ? parts(of: DigestReference(repository: tag.repository, digest: digest)) : .passed
        }
    }

    /// What an image lacks.
    private func parts(of image: DigestReference) -> RuleVerdict {
        let details: ImageDetails
        switch facts.details[image] {
        case .value(let value)?: details = value
        case .failed(let reason)?: return .unknown(reason)
        case .absent?, nil: return .passed
        }
        var lacking = details.absentImages.map { entry in
            "image \(entry.digest)" + (entry.platform.map { " (\($0))" } ?? "")
        }
        for blob in details.blobs.sorted() {
            switch facts.blobs[DigestReference(repository: image.repository, digest: blob)] {
            case .absent?: lacking.append("blob \(blob)")
            case .failed(let reason)?: return .unknown(reason)
            case .value?, nil: break
            }
        }
        guard let first = lacking.first else { return .passed }
        let more = lacking.count > 1 ? " and \(lacking.count - 1) more parts" : ""
        return .wrong("the registry does not have its \(first)\(more)", hint: "push the image again")
    }

    private func drift(_ reference: CheckedReference, _ tag: RegistryFacts.TagName?) -> RuleVerdict {
        guard let pinned = reference.pinned, let tag, let answer = facts.tags[tag] else { return .passed }
        switch answer {
        case .absent: return .passed
        case .failed(let reason): return .unknown(reason)
        case .value(let now):
            guard now != pinned.digest else { return .passed }
            let current = facts.details[DigestReference(repository: pinned.repository, digest: now)]?.value
            // The image of one platform, out of the index that the tag names.
            if current?.entries.contains(pinned.digest) == true { return .passed }
            func words(_ digest: Digest, _ details: ImageDetails?) -> String {
                "\(digest)" + (details?.creation.map { " of \($0)" } ?? "")
            }
            return .wrong(
                "\(tag.tag) is \(words(now, current)) now, not \(words(pinned.digest, facts.details[pinned]?.value))",
                hint: "update the digest",
                digest: now
            )
        }
    }

    private func tagGone(_ reference: CheckedReference, _ tag: RegistryFacts.TagName?) -> RuleVerdict {
        guard let pinned = reference.pinned, let tag, let answer = facts.tags[tag] else { return .passed }
        switch answer {
        case .value: return .passed
        case .failed(let reason): return .unknown(reason)
        case .absent:
            switch facts.images[pinned] {
            case .value?:
                return .wrong("the tag \(tag.tag) is gone, the image is still there", hint: "name another tag")
            case .failed(let reason)?: return .unknown(reason)
            case .absent?, nil: return .passed
            }
        }
    }

    private func newer(_ reference: CheckedReference, _ repository: Repository) -> RuleVerdict {
        guard let tag = reference.tag, let answer = facts.lists[repository] else { return .passed }
        switch answer {
        case .absent: return .passed
        case .failed(let reason): return .unknown(reason)
        case .value(let list):
            guard let newest = settings.newer.newest(of: list.tags, after: tag.name) else { return .passed }
            let limit = list.isComplete ? "" : " (among the first \(list.tags.count) tags)"
            return .wrong("there is \(newest)\(limit)", hint: "move to \(newest)")
        }
    }

    // MARK: What images are

    private func details(
        _ reference: CheckedReference,
        _ tag: RegistryFacts.TagName?,
        _ rule: (ImageDetails) -> RuleVerdict
    ) -> RuleVerdict {
        guard let subject = facts.subject(of: reference) else {
            if let tag, case .failed(let reason)? = facts.tags[tag] { return .unknown(reason) }
            return .passed
        }
        switch facts.details[subject] {
        case .value(let details)?: return rule(details)
        case .failed(let reason)?: return .unknown(reason)
        case .absent?, nil: return .passed
        }
    }

    private func base(_ details: ImageDetails) -> RuleVerdict {
        guard let base = details.base,
            let answer = facts.tags[RegistryFacts.TagName(repository: base.repository, tag: base.tag)]
        else { return .passed }
        switch answer {
        case .absent: return .passed
        case .failed(let reason): return .unknown("its base image: \(reason)")
        case .value(let now):
            guard now != base.digest else { return .passed }
            return .wrong(
                "its base \(base.repository.familiarName):\(base.tag) is \(now) now, not \(base.digest)",
                hint: "build it anew, or wait for a new version"
            )
        }
    }

    private func age(_ details: ImageDetails) -> RuleVerdict {
        guard let creation = details.creation else { return .passed }
        let age = settings.now.seconds - creation.seconds
        guard age > settings.ageLimit.seconds else { return .passed }
        return .wrong(
            "created on \(creation), \(Count.text(Int(clamping: age / 86400), "day")) ago; "
                + "\(settings.ageLimit) is allowed",
            hint: "move to a newer image"
        )
    }

    private func platform(_ details: ImageDetails) -> RuleVerdict {
        let lacking = settings.platforms.filter { wanted in
            // All of 64-bit ARM is v8, whether that is said or not.
            var plain = wanted
            if wanted.architecture == "arm64", wanted.variant == "v8" { plain.variant = nil }
            return !details.platforms.contains { $0.satisfies(wanted) || $0.variant == nil && $0.satisfies(plain) }
        }
        guard !lacking.isEmpty else { return .passed }
        let there = Set(details.platforms.map(\.description)).subtracting(["unknown/unknown"]).sorted()
        return .wrong(
            "not there for \(lacking.map(\.description).joined(separator: ", "))",
            hint: there.isEmpty ? "no platform is stated" : "it is there for \(there.joined(separator: ", "))"
        )
    }
}
