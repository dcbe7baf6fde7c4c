import ContainerImage
import HTTPTypes
import Hummingbird
import NIOCore

/// The page for people, at `/`.
extension RegistryResponder {
    func page(_ request: Request) async throws -> Response {
        guard request.method == .get || request.method == .head else { throw RegistryFault.unsupported }
        let nonce = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let host = Self.host(request.head.authority) ?? "127.0.0.1:5000"
        let page = FrontPage(
            shelves: try await FrontPage.Shelf.all(of: content),
            host: host,
            isSecure: isSecure,
            isWritable: storage != nil,
            nonce: nonce
        )
        let headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-\(nonce)'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: page.html)))
    }

    /// What the client called this registry; it stands in the commands that the page shows.
    private static func host(_ text: String?) -> String? {
        text.flatMap { try? RegistryHost($0).name }
    }
}

extension FrontPage.Shelf {
    /// How many repositories a page shows at most.
    static let limit = 1000

    /// The repositories with what their tags name.
    static func all(of content: any RegistryContent) async throws -> [FrontPage.Shelf] {
        var shelves: [FrontPage.Shelf] = []
        for name in try await content.repositories().prefix(limit) {
            let tags = try await content.tags(in: name) ?? [:]
            var images: [FrontPage.Image] = []
            for (digest, group) in Dictionary(grouping: tags, by: \.value).sorted(by: { $0.key < $1.key }) {
                guard let manifest = try await content.manifest(digest, in: name) else { continue }
                var sizes: [Digest: Int64] = [:]
                let platforms = try await Self.survey(manifest, name, content, &sizes, depth: 0)
                images.append(
                    FrontPage.Image(
                        digest: digest,
                        mediaType: manifest.mediaType.text,
                        tags: group.map(\.key).sorted(),
                        platforms: platforms,
                        size: sizes.values.reduce(0, +)
                    )
                )
            }
            shelves.append(FrontPage.Shelf(name: name, images: images))
        }
        return shelves
    }

    /// Counts each blob once, and gives the platforms.
    private static func survey(
        _ manifest: RawManifest,
        _ name: String,
        _ content: any RegistryContent,
        _ sizes: inout [Digest: Int64],
        depth: Int
    ) async throws -> [String] {
        guard depth < 8, let parsed = try? manifest.parsed() else { return [] }
        switch parsed {
        case .image(let image):
            for blob in [image.config] + image.layers { sizes[blob.digest] = blob.size }
            return []
        case .index(let index):
            var platforms: [String] = []
            for entry in index.manifests {
                if let platform = entry.platform, platform.os != "unknown" { platforms.append("\(platform)") }
                guard let child = try await content.manifest(entry.digest, in: name) else { continue }
                platforms += try await survey(child, name, content, &sizes, depth: depth + 1)
            }
            return platforms
        }
    }
}

extension HTTPField.Name {
    fileprivate static let contentSecurityPolicy = HTTPField.Name("Content-Security-Policy") ?? .age
    fileprivate static let xContentTypeOptions = HTTPField.Name("X-Content-Type-Options") ?? .age
}
