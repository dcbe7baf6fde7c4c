public import ContainerImage
package import ImageStore

/// Notes are the one part of a package that no digest covers: they count only as far as the package's images bear them
/// out.
extension PackageMetadata {
    /// What the package's images don't bear out, a line for each.
    package func problems(for trees: [ImageTree]) -> [String] {
        let volumes = problems(ofVolumes: trees)
        guard names != nil || platformFilters != nil || tags != nil || absent != nil else { return volumes }
        let all = trees.flatMap(\.all)
        let manifests = Dictionary(all.map { ($0.reference, $0.manifest) }) { first, _ in first }
        return problems(ofNames: Set(all.map(\.manifest.digest))) + problems(ofTags: Set(trees.map(\.reference)))
            + problems(ofPlatformFilters: manifests) + problems(ofAbsence: trees) + volumes
    }

    /// Tags may be given to what the package has; those that stand for a digest are nobody's to give.
    private func problems(ofTags roots: Set<DigestReference>) -> [String] {
        (tags ?? []).compactMap { tagged in
            if !roots.contains(tagged.image) {
                return "it says that \(tagged.image), which it lacks, had the tag '\(tagged.tag)'"
            }
            guard tagged.tag.standsForDigest else { return nil }
            return "it says that \(tagged.image) had the tag '\(tagged.tag)', which stands for a digest"
        }
    }

    /// Only cosign's tags, which tell by themselves what they are about, may be given; and only about the package's own.
    private func problems(ofNames digests: Set<Digest>) -> [String] {
        let names = names ?? []
        guard !names.isEmpty else { return [] }
        let allowed = Set(digests.flatMap(Tag.cosign))
        return names.filter { !allowed.contains($0.tag) || !digests.contains($0.image.digest) }.map {
            "it gives \($0.image) the tag '\($0.tag)', which is not one of cosign's for an image of the package"
        }
    }

    private func problems(ofPlatformFilters manifests: [DigestReference: RawManifest]) -> [String] {
        var seen: [DigestReference: PlatformFilter] = [:]
        return (platformFilters ?? []).compactMap { platformFilter -> String? in
            if let other = seen.updateValue(platformFilter, forKey: platformFilter.index), other != platformFilter {
                return "it says twice what \(platformFilter.index) was filtered to"
            }
            guard let manifest = manifests[platformFilter.filtered] else {
                return
                    "it says that \(platformFilter.index) was filtered to \(platformFilter.filtered), which it lacks"
            }
            do throws(PlatformFilterProofError) {
                try platformFilter.prove(manifest)
                return nil
            } catch {
                // Older packages can be read; who needs the proof asks for it.
                if case .missing = error { return nil }
                return error.description
            }
        }
    }

    /// The metadata, without what says nothing: documents that name an index which the package has whole mean that one.
    ///
    /// - Throws: `ArchiveError.damaged` when the package's images don't bear them out.
    package func checked(
        against trees: [ImageTree],
        path: String,
        entry: String = entryName
    ) throws(ArchiveError) -> PackageMetadata {
        if let problem = problems(for: trees).first {
            throw .damaged(path: path, entry: entry, reason: HintedText(problem))
        }
        return bearing(on: trees)
    }

    /// The metadata, without what says nothing.
    package func bearing(on trees: [ImageTree]) -> PackageMetadata {
        guard let platformFilters else { return self }
        let roots = Set(trees.map(\.reference))
        var metadata = self
        let left = platformFilters.filter { !roots.contains($0.index) }
        metadata.platformFilters = left.isEmpty ? nil : left
        return metadata
    }

    /// The filtered index in the place of `index`, where the metadata proves that it was made of that; nil otherwise.
    public func platformFilter(of index: DigestReference) -> PlatformFilter? {
        platformFilters?.first { $0.index == index && $0.whole != nil }
    }

    /// The indexes that are said to have been filtered, without the proof.
    public var unprovenIndexes: Set<DigestReference> {
        Set((platformFilters ?? []).filter { $0.whole == nil }.map(\.index))
    }
}
