import ContainerImage
import HTTPTypes
import HummingbirdCore
import NIOCore

/// The HTML page at `/`.
extension RegistryResponder {
    func page(_ request: Request) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            throw RegistryResponseError.unsupported(allowed: [.get, .head])
        }
        let nonce = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let host = Self.host(request.head.authority) ?? "127.0.0.1:5000"
        let page = FrontPage(
            repositories: try await FrontPage.RepositoryListing.all(of: content),
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

    /// What the client called this registry; the commands on the page use it.
    private static func host(_ text: String?) -> String? {
        text.flatMap { try? RegistryHost($0).name }
    }
}

extension FrontPage.RepositoryListing {
    /// How many repositories a page shows at most.
    static let limit = 1000

    /// The repositories with what their tags name.
    static func all(of content: any RegistryContent) async throws -> [FrontPage.RepositoryListing] {
        var survey = ImageSurvey(content: content)
        var repositories: [FrontPage.RepositoryListing] = []
        for name in try await content.repositories().prefix(limit) {
            let tags = try await content.tags(in: name) ?? [:]
            var images: [FrontPage.Image] = []
            for (digest, group) in Dictionary(grouping: tags, by: \.value).sorted(by: { $0.key < $1.key }) {
                guard let image = try await survey.image(digest, in: name, tags: group.map(\.key).sorted()) else {
                    continue
                }
                images.append(image)
            }
            // What has tags comes first, in their order.
            images.sort { left, right in
                switch (left.names.first, right.names.first) {
                case (let first?, let second?): first < second
                case (nil, let second): second == nil && left.digest < right.digest
                case (_, nil): true
                }
            }
            repositories.append(FrontPage.RepositoryListing(name: name, images: images))
        }
        return repositories
    }
}
