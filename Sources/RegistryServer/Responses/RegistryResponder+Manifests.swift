import ContainerImage
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Manifests: OCI distribution specification, "Pulling manifests" and "Pushing Manifests".
extension RegistryResponder {
    func manifest(
        _ name: String,
        _ reference: RegistryRoute.ManifestReference,
        _ request: Request
    ) async throws -> Response {
        let manifest = try await stored(name, reference)
        var headers: HTTPFields = [.contentType: manifest.mediaType.text]
        headers[.contentDigest] = manifest.digest.description
        headers[.eTag] = "\"\(manifest.digest)\""
        try checkMatch(manifest.digest, request)
        if isKnown(manifest.digest, request) { return Response(status: .notModified, headers: headers) }
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: manifest.bytes))
        )
    }

    private func stored(
        _ name: String,
        _ reference: RegistryRoute.ManifestReference
    ) async throws -> RawManifest {
        let digest: Digest?
        switch reference {
        case .digest(let given): digest = given
        case .tag(let tag): digest = try await content.digest(of: tag, in: name)
        }
        guard let digest, let manifest = try await content.manifest(digest, in: name) else {
            throw RegistryResponseError.manifestUnknown("\(name) \(reference.text)")
        }
        return manifest
    }

    func put(
        _ name: String,
        _ reference: RegistryRoute.ManifestReference,
        _ request: Request,
        in storage: any RegistryStorage
    ) async throws -> Response {
        var bytes: [UInt8] = []
        var body = request.body.makeAsyncIterator()
        while let chunk = try await Self.piece(&body) {
            guard bytes.count + chunk.readableBytes <= RawManifest.sizeLimit else {
                throw RegistryResponseError.manifestTooLarge
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        var algorithm = Digest.Algorithm.sha256
        var tags: [String] = []
        switch reference {
        case .tag(let tag): tags = [tag]
        case .digest(let digest):
            algorithm = digest.algorithm
            tags = try request.uri.queryParameters[values: "tag"].map { try RegistryRoute.tag(String($0)) }
        }
        let manifest = RawManifest(
            mediaType: try PushedType.of(bytes, contentType: request.headers[.contentType]),
            bytes: bytes,
            by: algorithm
        )
        if case .digest(let digest) = reference, digest != manifest.digest {
            throw RegistryResponseError.digestInvalid("\(digest)")
        }
        let subject = try await check(manifest, in: name)
        try await storage.put(manifest, in: name)
        for tag in tags { try await storage.tag(tag, as: manifest.digest, in: name) }
        var headers: HTTPFields = [.location: "/v2/\(name)/manifests/\(manifest.digest)"]
        headers[.contentDigest] = manifest.digest.description
        if let subject { headers[.subject] = subject.description }
        if case .digest = reference, !tags.isEmpty { headers[.tag] = tags.joined(separator: ", ") }
        return Response(status: .created, headers: headers)
    }

    /// What a manifest refers to must exist, except layers that are stored elsewhere; returns its subject.
    private func check(_ manifest: RawManifest, in name: String) async throws -> Digest? {
        let parsed: Manifest
        do {
            parsed = try manifest.parsed()
        } catch {
            throw RegistryResponseError.manifestInvalid("\(error)")
        }
        switch parsed {
        case .index(let index):
            // An entry may be a blob: caches of builds are indexes of layers.
            for child in index.manifests where !sparseIndexes.mayLack(child) {
                if try await content.manifest(child.digest, in: name) != nil { continue }
                if try await content.size(of: child.digest, in: name) != nil { continue }
                throw RegistryResponseError.manifestBlobUnknown("\(child.digest)")
            }
            return manifest.referrerDescriptor?.subject
        case .image(let image):
            let elsewhere = { (layer: Descriptor) in !layer.mediaType.isDistributable || !(layer.urls ?? []).isEmpty }
            for blob in [image.config] + image.layers.filter({ !elsewhere($0) }) {
                guard try await content.size(of: blob.digest, in: name) != nil else {
                    throw RegistryResponseError.manifestBlobUnknown("\(blob.digest)")
                }
            }
            return image.subject?.digest
        }
    }

    func delete(
        _ name: String,
        _ reference: RegistryRoute.ManifestReference,
        in storage: any RegistryStorage
    ) async throws -> Response {
        switch reference {
        case .tag(let tag):
            guard try await storage.digest(of: tag, in: name) != nil else {
                throw RegistryResponseError.manifestUnknown(tag)
            }
            try await storage.tag(tag, as: nil, in: name)
        case .digest(let digest):
            guard try await storage.remove(manifest: digest, from: name) else {
                throw RegistryResponseError.manifestUnknown("\(digest)")
            }
        }
        return Response(status: .accepted)
    }
}
