public import ContainerImage
import ImageStore
import NIOHTTP1

/// Pushing manifests: OCI distribution specification, "Pushing Manifests".
extension RemoteRepository {
    /// Pushes `manifest` under `tag`, or by its digest, and checks that the registry has it under the same digest.
    ///
    /// Some registries, AWS ECR among them, refuse a manifest by its digest: it then goes under the tag that the options have for
    /// it. What is refused because it is there already is there: tags may be immutable, and the answer to the first
    /// request lost.
    ///
    /// - Throws: `PushRefusalError` when the registry won't have it.
    public func push(_ manifest: RawManifest, tag: Tag?) async throws {
        guard manifest.digest.algorithm == .sha256 else { return try await pushByDigest(manifest, tag: tag) }
        do {
            try await put(manifest, under: tag?.name ?? manifest.digest.description)
        } catch let error as RegistryError where error.isRefusal {
            guard tag == nil, !error.lacksContent, let digestTag = pipeline.options.digestTag else {
                throw PushRefusalError(manifest: manifest, error: error, byDigest: nil)
            }
            do {
                try await put(manifest, under: digestTag(manifest.digest).name, waiting: false)
            } catch let second as RegistryError where second.isRefusal {
                throw PushRefusalError(manifest: manifest, error: second, byDigest: error)
            }
        }
    }

    /// Pushes a manifest by its digest first: only that tells a registry of an algorithm that isn't its own choice.
    private func pushByDigest(_ manifest: RawManifest, tag: Tag?) async throws {
        do {
            try await put(manifest, under: manifest.digest.description)
            if let tag { try await put(manifest, under: tag.name) }
        } catch let error as RegistryError where error.isRefusal {
            throw PushRefusalError(manifest: manifest, error: error, byDigest: nil)
        }
    }

    /// Puts the manifest; what counts in the end is what the registry has.
    ///
    /// - Parameter isWaiting: Whether a registry that doesn't see yet what was just uploaded is asked again.
    private func put(_ manifest: RawManifest, under identifier: String, waiting isWaiting: Bool = true) async throws {
        do {
            try await (isWaiting ? pipeline.options.retries : .none).run(
                while: { ($0 as? RegistryError)?.isTooSoon == true }
            ) { _ in
                try await putOnce(manifest, under: identifier)
            }
        } catch let error as RegistryError where error.status != nil || error.isTransient {
            guard error.status != 401, (try? await isThere(manifest, under: identifier)) == true else { throw error }
        }
    }

    private func isThere(_ manifest: RawManifest, under identifier: String) async throws -> Bool {
        // Some refuse HEAD alone, and others tell no digest in its answer.
        let get = request(.GET, "manifests/\(identifier)", actions: "pull,push", headers: Self.acceptHeaders)
        return manifest.digest.matches(try await pipeline.collect(get, limit: RawManifest.sizeLimit).bytes)
    }

    private func putOnce(_ manifest: RawManifest, under identifier: String) async throws {
        let put = request(
            .PUT,
            "manifests/\(identifier)",
            actions: "pull,push",
            headers: ["content-type": manifest.contentType.text],
            body: .bytes(manifest.bytes),
            accepted: [200, 201, 202, 204]
        )
        let response = try await pipeline.collect(put, limit: 1 << 20).response
        if response.headers.contains(name: "oci-subject") {
            await pipeline.sessions.session(for: repository.registry).listsReferrers()
        }
        var digest = response.statedDigest
        // A digest of another algorithm may be right, and tells nothing.
        if digest?.algorithm != manifest.digest.algorithm { digest = try await resolve(identifier).digest }
        guard let digest, digest == manifest.digest || digest.matches(manifest.bytes) else {
            throw RegistryError(
                request: "PUT \(response.url)",
                reason: .badResponse(
                    "the registry keeps the manifest under the digest \(digest?.description ?? "-") "
                        + "instead of \(manifest.digest)"
                )
            )
        }
    }
}
