extension ImageIndex {
    /// Which entries are kept, in their order, when only some platforms are wanted: those for one of `platforms`, indexes
    /// that lead to such, and BuildKit's attestations of these. Nil when nothing fits.
    ///
    /// - Parameter leadsToWanted: Whether an entry without a platform is an index that leads to what is wanted.
    public func entries(for platforms: [Platform], leadsToWanted: (Descriptor) -> Bool) -> [Bool]? {
        let fitting = manifests.filter { entry in
            entry.platform.map { platform in platforms.contains { platform.satisfies($0) } } ?? leadsToWanted(entry)
        }
        guard !fitting.isEmpty else { return nil }
        let digests = Set(fitting.map(\.digest))
        let texts = Set(digests.map(\.description))
        return manifests.map { entry in
            // BuildKit's attestations of an image are listed beside it in the index.
            digests.contains(entry.digest)
                || entry.annotations?["vnd.docker.reference.digest"].map(texts.contains) == true
        }
    }
}

extension RawManifest {
    /// The index with only those of its entries that `isKept` marks, in their order.
    ///
    /// - Throws: `ManifestError` if this is not an index, or one with another number of entries.
    public func keepingEntries(marked isKept: [Bool]) throws(ManifestError) -> RawManifest {
        var position = 0
        return try keepingEntries { _ in
            defer { position += 1 }
            return position < isKept.count && isKept[position]
        }
    }
}

extension Descriptor {
    /// Whether an index names it as BuildKit's attestation of another of its entries, rather than as an image: by its
    /// annotations, or by the platform `unknown/unknown`.
    public var isAttestation: Bool {
        annotations?["vnd.docker.reference.type"] == "attestation-manifest"
            || annotations?["vnd.docker.reference.digest"] != nil
            || platform?.isUnknown == true
    }
}
