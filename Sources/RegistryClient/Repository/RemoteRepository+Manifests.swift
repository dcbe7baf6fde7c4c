public import ContainerImage
import ImageStore
import NIOHTTP1

/// Manifests: OCI distribution specification, "Pulling manifests" and "Pushing Manifests".
extension RemoteRepository {
    static let acceptHeaders: HTTPHeaders = [
        "accept": [MediaType.ociIndex, .ociManifest, .dockerManifestList, .dockerManifest]
            .map(\.text).joined(separator: ", ")
    ]

    /// What `reference` names now: one HEAD, or a GET where the registry refuses HEAD or tells too little.
    ///
    /// - Throws: `ResolutionError` naming the reference.
    public func resolve(_ reference: ImageReference) async throws -> Descriptor {
        try await resolve(reference.identifier)
    }

    private func resolve(_ identifier: String) async throws -> Descriptor {
        let head = request(
            .HEAD,
            "manifests/\(identifier)",
            headers: Self.acceptHeaders,
            accepted: [200, 400, 403, 404, 405, 406, 500, 501]
        )
        let response = try await pipeline.send(head)
        let stated = response.status == .ok ? response.manifestDescriptor : nil
        if let stated, stated.digest.algorithm == .sha256 || identifier == stated.digest.description { return stated }
        let manifest = try await fetch(identifier)
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
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        try await fetch(digest.description, expecting: digest)
    }

    private func fetch(_ identifier: String, expecting digest: Digest? = nil) async throws -> RawManifest {
        let get = request(.GET, "manifests/\(identifier)", headers: Self.acceptHeaders)
        let (response, bytes) = try await pipeline.collect(get, limit: RawManifest.sizeLimit)
        if response.isPage {
            throw RegistryError(
                request: "GET \(response.url)",
                reason: .badResponse(
                    "the answer is a page for people and no manifest: is a proxy or a login in between?"
                )
            )
        }
        guard let type = response.headers.first(name: "content-type").map({ MediaType($0) }) else {
            throw RegistryError(request: "GET \(response.url)", reason: .badResponse("the answer has no Content-Type"))
        }
        let manifest = RawManifest(mediaType: type, bytes: bytes, by: digest?.algorithm ?? .sha256)
        if let digest, manifest.digest != digest {
            throw RegistryError(
                request: "GET \(response.url)",
                reason: .badResponse(
                    "the answer's \(bytes.count) bytes are not the manifest: their digest is \(manifest.digest)"
                )
            )
        }
        do {
            _ = try manifest.parsed()
        } catch {
            throw RegistryError(request: "GET \(response.url)", reason: .badResponse("\(error)"))
        }
        if let text = response.headers.first(name: "docker-content-digest"), !manifest.isNamed(text) {
            throw RegistryError(
                request: "GET \(response.url)",
                reason: .badResponse("the registry says that the digest is \(text) but it is \(manifest.digest)")
            )
        }
        return manifest
    }

    /// Whether `tag` names `digest` already.
    public func contains(manifest digest: Digest, tag: Tag) async throws -> Bool {
        let head = request(
            .HEAD,
            "manifests/\(tag)",
            actions: "pull,push",
            headers: Self.acceptHeaders,
            accepted: [200, 400, 404, 405, 501]
        )
        let response = try await pipeline.send(head)
        return response.status == .ok
            && response.headers.first(name: "docker-content-digest") == digest.description
    }

    /// Pushes `manifest` under `tag`, or by its digest, and checks that the registry has it under the same digest.
    ///
    /// Some registries, AWS ECR among them, refuse a manifest by its digest: it then goes under the tag of its arrival.
    ///
    /// - Throws: `PushRefusal` when the registry won't have it.
    public func push(_ manifest: RawManifest, tag: Tag?) async throws {
        guard manifest.digest.algorithm == .sha256 else { return try await pushByDigest(manifest, tag: tag) }
        do {
            try await put(manifest, under: tag?.name ?? manifest.digest.description)
        } catch let error as RegistryError where error.isRefusal {
            guard tag == nil else { throw PushRefusal(manifest: manifest, error: error, byDigest: nil) }
            do {
                try await put(manifest, under: Tag.arrival(of: manifest.digest).name)
            } catch let second as RegistryError where second.isRefusal {
                throw PushRefusal(manifest: manifest, error: second, byDigest: error)
            }
        }
    }

    /// Pushes a manifest by its digest first: only that tells a registry of an algorithm that isn't its own choice.
    private func pushByDigest(_ manifest: RawManifest, tag: Tag?) async throws {
        do {
            try await put(manifest, under: manifest.digest.description)
            if let tag { try await put(manifest, under: tag.name) }
        } catch let error as RegistryError where error.isRefusal {
            throw PushRefusal(manifest: manifest, error: error, byDigest: nil)
        }
    }

    /// Puts the manifest; a registry that doesn't see yet what has just been uploaded is asked again.
    private func put(_ manifest: RawManifest, under identifier: String) async throws {
        try await pipeline.options.retries.run(
            while: { ($0 as? RegistryError)?.has(codes: ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"]) == true }
        ) { _ in
            try await putOnce(manifest, under: identifier)
        }
    }

    private func putOnce(_ manifest: RawManifest, under identifier: String) async throws {
        let put = request(
            .PUT,
            "manifests/\(identifier)",
            actions: "pull,push",
            headers: ["content-type": manifest.mediaType.text],
            body: .bytes(manifest.bytes),
            accepted: [200, 201, 202]
        )
        let response = try await pipeline.collect(put, limit: 1 << 20).response
        var digest = response.headers.first(name: "docker-content-digest")
        if digest == nil { digest = try await resolve(identifier).digest.description }
        guard let digest, manifest.isNamed(digest) else {
            throw RegistryError(
                request: "PUT \(response.url)",
                reason: .badResponse(
                    "the registry keeps the manifest under the digest \(digest ?? "-") instead of \(manifest.digest)"
                )
            )
        }
    }

    /// Makes further tags name the manifest of `digest`, which the repository has.
    public func tag(_ digest: Digest, as tags: [Tag]) async throws {
        let manifest = try await manifest(digest)
        for tag in tags { try await push(manifest, tag: tag) }
    }
}

extension RawManifest {
    /// Whether `text` is a digest of the manifest, by whichever algorithm.
    fileprivate func isNamed(_ text: String) -> Bool {
        text == digest.description || (try? Digest(text))?.matches(bytes) == true
    }
}

extension RequestPipeline.Response {
    /// What the headers of a HEAD tell of a manifest; nil when they tell too little, or it is none.
    var manifestDescriptor: Descriptor? {
        guard let type = headers.first(name: "content-type").map({ MediaType($0) }),
            type.isIndex || type.isImageManifest,
            let text = headers.first(name: "docker-content-digest"), let digest = try? Digest(text),
            let size = headers.first(name: "content-length").flatMap({ Int64($0) })
        else { return nil }
        return Descriptor(mediaType: type, digest: digest, size: size)
    }
}
