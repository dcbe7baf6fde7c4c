public import ContainerImage
import FoundationEssentials
import ImageStore
import NIOHTTP1

/// Referrers: OCI distribution specification, "Listing Referrers" and "Pushing Manifests with Subject".
extension RemoteRepository {
    private struct ReferrersAnswer: Decodable {
        var manifests: [Descriptor]?
    }

    /// What refers to the manifest of `digest` as its subject: by the referrers API, or by the tag `sha256-<hex>` where
    /// the registry doesn't have the API.
    public func referrers(of digest: Digest) async throws -> [Descriptor] {
        var referrers: [Descriptor] = []
        var next: RegistryRequest? = request(
            .GET,
            "referrers/\(digest)",
            headers: ["accept": MediaType.ociIndex.text],
            accepted: [200, 400, 404, 405, 406, 501]
        )
        var pages = 0
        while let page = next {
            let (response, bytes) = try await pipeline.collect(page, limit: RawManifest.sizeLimit)
            let type = response.headers.first(name: "content-type").map { MediaType($0) }
            guard response.status == .ok, type == .ociIndex else { return try await taggedReferrers(of: digest) }
            guard let answer = try? JSONDecoder().decode(ReferrersAnswer.self, from: Data(bytes)) else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the answer is no list of referrers")
                )
            }
            referrers += answer.manifests ?? []
            pages += 1
            next = nil
            if pages < 1000, let url = response.nextPage {
                next = page
                next?.target = .address(url.text)
            }
        }
        return referrers
    }

    /// What `tag` names, nil where there is no such tag.
    public func descriptor(of tag: Tag) async throws -> Descriptor? {
        let head = request(.HEAD, "manifests/\(tag)", headers: Self.acceptHeaders, accepted: [200, 404])
        let response = try await pipeline.send(head)
        guard response.status == .ok else { return nil }
        if let descriptor = response.manifestDescriptor { return descriptor }
        return try await resolve(.tag(repository, tag))
    }

    /// Makes the registry list `referrers` as those of `subject`. A registry with the referrers API does so by itself;
    /// for another one the tag `sha256-<hex>` is brought up to date.
    ///
    /// Two who do so at once for one subject may overwrite each other's entry: the specification has no way around that.
    public func list(_ referrers: [Descriptor], of subject: Digest) async throws {
        let known = try await self.referrers(of: subject)
        let missing = referrers.filter { referrer in !known.contains { $0.digest == referrer.digest } }
        guard !missing.isEmpty else { return }
        let index = ReferrersIndex(manifests: known + missing)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(index))
        try await push(RawManifest(mediaType: .ociIndex, bytes: bytes), tag: .referrers(of: subject))
    }

    private struct ReferrersIndex: Encodable {
        var schemaVersion = 2
        var mediaType = MediaType.ociIndex
        var manifests: [Descriptor]
    }

    private func taggedReferrers(of digest: Digest) async throws -> [Descriptor] {
        guard let found = try await descriptor(of: .referrers(of: digest)) else { return [] }
        guard case .index(let index) = try await manifest(found.digest).parsed() else { return [] }
        return index.manifests
    }
}
