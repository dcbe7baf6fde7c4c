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
        var seen: Set<RegistryURL> = []
        while let page = next {
            let (response, bytes) = try await pipeline.collect(page, limit: 64 << 20)
            guard let answer = try? JSONDecoder().decode(TagsAnswer.self, from: Data(bytes)) else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the answer is no list of tags")
                )
            }
            tags += answer.tags ?? []
            next = nil
            guard let url = response.nextPage else { break }
            guard seen.insert(url).inserted, seen.count < 10_000 else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the list of tags leads on without end")
                )
            }
            var following = page
            following.target = .address(url.text)
            next = following
        }
        return tags
    }
}

extension RequestPipeline.Response {
    /// Where a list goes on: the `Link` header of RFC 8288, nil at the end.
    var nextPage: RegistryURL? {
        for link in headers["link"] {
            for part in link.matches(of: /<([^>]*)>([^<]*)/) {
                guard part.2.contains(/;\s*rel\s*=\s*"?([^";,]*\s)?next(\s[^";,]*)?"?\s*(;|,|$)/.ignoresCase()) else {
                    continue
                }
                return url.resolving(String(part.1))
            }
        }
        return nil
    }
}
