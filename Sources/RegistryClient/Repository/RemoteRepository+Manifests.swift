public import ContainerImage
import ImageStore
import NIOHTTP1

/// Manifests: OCI distribution specification, "Pulling manifests".
extension RemoteRepository {
    static let acceptHeaders: HTTPHeaders = [
        "accept": [MediaType.ociIndex, .ociManifest, .dockerManifestList, .dockerManifest]
            .map(\.text).joined(separator: ", ")
    ]

    func resolve(_ identifier: String) async throws -> Descriptor {
        let (answer, isWorn) = try await head(of: identifier, accepted: [200])
        return try await resolve(identifier, stated: answer?.manifestDescriptor, retrying: !isWorn)
    }

    /// The answer to a HEAD, nil where that fails: some refuse HEAD alone, and only an answer to GET has words. With it
    /// comes whether the registry was asked often enough.
    func head(
        of identifier: String,
        accepted: Set<UInt>
    ) async throws -> (answer: RequestPipeline.Response?, isWorn: Bool) {
        let head = request(.HEAD, "manifests/\(identifier)", headers: Self.acceptHeaders, accepted: accepted)
        do {
            return (try await pipeline.send(head), false)
        } catch let error as RegistryError where error.isOfHead && (error.isAnswer || error.isTransient) {
            return (nil, error.isTransient)
        }
    }

    /// What `identifier` names: what a HEAD told, or what a GET gives.
    func resolve(_ identifier: String, stated: Descriptor?, retrying: Bool = true) async throws -> Descriptor {
        if let stated, stated.digest.algorithm == .sha256 || identifier == stated.digest.description { return stated }
        let (manifest, response) = try await served(identifier, retrying: retrying)
        do {
            _ = try manifest.parsed()
        } catch .unsupported(_, let type) where type.text.hasPrefix("application/vnd.") {
            // A digest names it, whatever it is.
        } catch {
            throw RegistryError(request: "GET \(response.url)", reason: .manifest(error))
        }
        // Whoever asks by digest knows better than a header, and another algorithm is nothing to go by.
        if !identifier.contains(":"), let header = response.statedDigest, header.algorithm == .sha256,
            header != manifest.digest
        {
            throw RegistryError(
                request: "GET \(response.url)",
                reason: .badResponse("digest mismatch: the registry says \(header), got \(manifest.digest)")
            )
        }
        // The canonical digest, unless the registry has the manifest under another one alone.
        guard let stated, stated.digest.matches(manifest.bytes), try await !hasManifest(manifest.digest) else {
            return manifest.descriptor
        }
        return stated
    }

    private func hasManifest(_ digest: Digest) async throws -> Bool {
        let head = request(.HEAD, "manifests/\(digest)", headers: Self.acceptHeaders, accepted: [200, 400, 404])
        return try await pipeline.send(head).status == .ok
    }

    /// The manifest of `digest`, verified.
    ///
    /// - Throws: `RegistryError`.
    public func manifest(_ digest: Digest) async throws -> RawManifest { try await parsedManifest(digest).raw }

    /// The manifest of `digest`, verified, and what it says.
    ///
    /// - Throws: `RegistryError`.
    public func parsedManifest(_ digest: Digest) async throws -> (raw: RawManifest, parsed: Manifest) {
        let (manifest, url) = try await bytes(of: digest)
        do {
            return (manifest, try manifest.parsed())
        } catch {
            throw RegistryError(request: "GET \(url)", reason: .manifest(error))
        }
    }

    /// The manifest of `digest`, verified, whatever is in it.
    func bytes(of digest: Digest) async throws -> (RawManifest, RegistryURL) {
        let (manifest, response) = try await served(digest.description, as: digest.algorithm)
        guard manifest.digest == digest else {
            throw RegistryError(
                request: "GET \(response.url)",
                reason: .badResponse(
                    "digest mismatch: the content, \(manifest.bytes.count) bytes, is \(manifest.digest)"
                )
            )
        }
        return (manifest, response.url)
    }

    /// What the registry gives for `identifier`.
    private func served(
        _ identifier: String,
        as algorithm: Digest.Algorithm = .sha256,
        retrying: Bool = true
    ) async throws -> (RawManifest, RequestPipeline.Response) {
        let get = request(.GET, "manifests/\(identifier)", headers: Self.acceptHeaders)
        let (response, bytes) = try await pipeline.collect(get, limit: RawManifest.sizeLimit, retrying: retrying)
        if response.isPage {
            throw RegistryError(
                request: "GET \(response.url)",
                reason: .badResponse(
                    "got an HTML page instead of a manifest; is a proxy or captive portal in the way?"
                )
            )
        }
        return (RawManifest(served: response.mediaType, bytes: bytes, by: algorithm), response)
    }

    /// Whether `tag` names `digest` already; false, too, where the registry doesn't tell.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func contains(manifest digest: Digest, tag: Tag) async throws -> Bool {
        try await contains(digest, as: tag.name) == true
    }

    /// Whether the manifest of `digest` is there; nil if the registry doesn't tell.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func contains(manifest digest: Digest) async throws -> Bool? {
        try await contains(digest, as: digest.description)
    }

    private func contains(_ digest: Digest, as identifier: String) async throws -> Bool? {
        let path = "manifests/\(identifier)"
        let head = request(.HEAD, path, actions: "pull,push", headers: Self.acceptHeaders, accepted: [200, 404])
        do {
            let response = try await pipeline.send(head)
            guard response.status == .ok else { return false }
            if let stated = response.statedDigest, stated.algorithm == digest.algorithm { return stated == digest }
            let get = request(.GET, path, actions: "pull,push", headers: Self.acceptHeaders)
            return digest.matches(try await pipeline.collect(get, limit: RawManifest.sizeLimit).bytes)
        } catch let error as RegistryError where error.isAnswer {
            return nil
        }
    }
}

extension RequestPipeline.Response {
    /// What the registry calls the answer, nil if it doesn't.
    var mediaType: MediaType? {
        headers.first(name: "content-type").map { MediaType($0) }.flatMap { $0.text.isEmpty ? nil : $0 }
    }

    /// The digest that the registry states; nil if there is none that can be compared. Proxies put it in quotes, in
    /// capitals, or leave its algorithm out.
    var statedDigest: Digest? {
        guard let text = headers.first(name: "docker-content-digest") else { return nil }
        let bare = text.filter { $0 != "\"" && $0 != " " }.lowercased()
        return try? Digest(bare.contains(":") ? bare : "sha256:" + bare)
    }

    /// What the headers of a HEAD tell of a manifest; nil when they tell too little, or it is none.
    var manifestDescriptor: Descriptor? {
        guard let type = mediaType, type.isIndex || type.isImageManifest,
            let text = headers.first(name: "docker-content-digest"), let digest = try? Digest(text),
            let size = headers.first(name: "content-length").flatMap({ Int64($0) })
        else { return nil }
        return Descriptor(mediaType: type, digest: digest, size: size)
    }
}
