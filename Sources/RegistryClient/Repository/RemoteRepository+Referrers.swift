public import ContainerImage
import FoundationEssentials
import HTTPTransport
public import ImageStore
import NIOHTTP1

/// Referrers: OCI distribution specification, "Listing Referrers" and "Pushing Manifests with Subject".
extension RemoteRepository: ReferrerStore {
    /// What refers to the manifest of `digest` as its subject: by the referrers API, or by the tag `sha256-<hex>` where
    /// the registry doesn't have the API. A refusal that may mean that there is nothing is taken for that.
    ///
    /// - Throws: `RegistryError`.
    public func referrers(of digest: Digest) async throws -> ReferrersList { try await record(of: digest).list }

    private func record(of digest: Digest) async throws -> ReferrersRecord {
        var record = ReferrersRecord()
        record.keeping = .registry
        var next: RegistryRequest? = request(
            .GET,
            "referrers/\(digest)",
            headers: ["accept": MediaType.ociIndex.text]
        )
        var pages = ListPages(of: "referrers")
        var isFirst = true
        while let page = next {
            let response: RequestPipeline.Response
            let bytes: [UInt8]
            do {
                (response, bytes) = try await pipeline.collect(page, limit: RawManifest.sizeLimit)
            } catch let error as RegistryError where isFirst && error.mayMeanAbsence {
                // What denies one may deny the other; a missing API isn't worth a remark.
                return try await taggedReferrers(of: digest, denied: [401, 403].contains(error.status) ? error : nil)
            }
            guard response.mediaType.map({ $0.text.lowercased() }) == MediaType.ociIndex.text else {
                return try await taggedReferrers(of: digest, denied: nil)
            }
            isFirst = false
            guard let found = record.add(page: bytes) else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the response is not a list of referrers")
                )
            }
            next = nil
            if let url = try pages.next(after: response, size: bytes.count, found) {
                next = page
                next?.target = .address(url.text)
            }
        }
        return record
    }

    private func taggedReferrers(of digest: Digest, denied: RegistryError?) async throws -> ReferrersRecord {
        var record = ReferrersRecord()
        do {
            guard let found = try await descriptor(of: .referrers(of: digest)) else { return record }
            let (manifest, _) = try await bytes(of: found.digest)
            // Unusable entries don't make the list unusable.
            let isList = manifest.mediaType.isIndex && record.add(page: manifest.bytes) != nil
            guard isList else { return .notKept(in: .referrers(of: digest)) }
            record.keeping = .tag(manifest)
        } catch let error as RegistryError where error.mayMeanAbsence {
            record.list.refusal = denied ?? error
        } catch let error as RegistryError {
            guard case .manifest = error.reason else { throw error }
            return .notKept(in: .referrers(of: digest))
        }
        return record
    }

    /// Makes the registry list `referrers` as those of `subject`. A registry with the referrers API does so by itself;
    /// for another one the tag `sha256-<hex>` is brought up to date, with everything that others wrote there.
    ///
    /// Two who do so at once for one subject may overwrite each other's entry: the specification has no way around that.
    ///
    /// - Returns: The reason that no list could be updated; nil on success.
    /// - Throws: `RegistryError`, `PushRefusalError`.
    public func registerReferrers(_ referrers: [Descriptor], for subject: Digest) async throws -> String? {
        let session = await pipeline.sessions.session(for: repository.registry)
        guard await !session.habits.listsReferrers else { return nil }
        let known = try await record(of: subject)
        let missing = referrers.filter { referrer in !known.list.descriptors.contains { $0.digest == referrer.digest } }
        let tag = Tag.referrers(of: subject)
        switch known.keeping {
        case .registry: break
        case .tag(let index):
            guard !missing.isEmpty else { break }
            do {
                try await push(try index.appendingEntries(missing), tag: tag)
            } catch let error as ManifestError {
                return "the tag '\(tag)' can't be updated: \(error)"
            }
        case .otherwise: return "\(NoReferrersListError(tag: tag))"
        case .nowhere:
            try await push(try RawManifest.emptyIndex.appendingEntries(missing), tag: tag)
        }
        return nil
    }
}

extension RawManifest {
    /// An index without entries.
    fileprivate static let emptyIndex = RawManifest(
        mediaType: .ociIndex,
        bytes: Array(#"{"manifests":[],"mediaType":"\#(MediaType.ociIndex)","schemaVersion":2}"#.utf8)
    )
}
