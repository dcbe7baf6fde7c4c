import FoundationEssentials
import NIOHTTP1

/// Tags: OCI distribution specification, "Listing Tags".
extension RemoteRepository {
    private struct TagsAnswer: Decodable {
        var tags: [String]?
    }

    /// All tags of the repository, over as many pages as there are.
    public func tags() async throws -> [String] {
        var tags: [String] = []
        var next: RegistryRequest? = request(.GET, "tags/list?n=1000")
        var pages = 0
        while let page = next {
            let (response, bytes) = try await pipeline.collect(page, limit: 64 << 20)
            guard let answer = try? JSONDecoder().decode(TagsAnswer.self, from: Data(bytes)) else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the answer is no list of tags")
                )
            }
            tags += answer.tags ?? []
            pages += 1
            next = nil
            guard pages < 10_000, let url = response.nextPage else { break }
            var following = page
            following.target = .address(url.text)
            next = following
        }
        return tags
    }
}

extension RequestPipeline.Response {
    /// Where a list goes on: the `Link` header of RFC 5988, nil at the end.
    var nextPage: RegistryURL? {
        guard let link = headers.first(name: "link"), link.contains("rel=\"next\""),
            let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end
        else { return nil }
        return url.resolving(String(link[link.index(after: start)..<end]))
    }
}
