public import ContainerImage
import FoundationEssentials
import HTTPTransport
public import ImageStore
import NIOHTTP1

/// Tags: OCI distribution specification, "Listing Tags".
extension RemoteRepository: TagStore {
    private struct TagsAnswer: Decodable {
        var tags: [String]?
    }

    /// How registries refuse to give so many tags at once.
    private static let statusesOfLargePages = [400, 405, 413, 416, 422, 500, 501]

    /// All tags of the repository, over as many pages as there are.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func tags() async throws -> [String] { try await tags(atMost: .max).tags }

    /// The first `limit` tags of the repository, over as many pages as they take.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func tags(atMost limit: Int) async throws -> TagList {
        var tags: [String] = []
        var next: RegistryRequest? = request(.GET, "tags/list?n=1000")
        var isSized = true
        var pages = ListPages(of: "tags")
        while let page = next {
            let response: RequestPipeline.Response
            let bytes: [UInt8]
            do {
                (response, bytes) = try await pipeline.collect(page, limit: ListPages.sizeLimit)
            } catch let error as RegistryError where isSized && Self.statusesOfLargePages.contains(error.status ?? 0) {
                isSized = false
                next = request(.GET, "tags/list")
                continue
            }
            isSized = false
            guard let answer = try? JSONDecoder().decode(TagsAnswer.self, from: Data(bytes)) else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the response is not a list of tags")
                )
            }
            let found = answer.tags ?? []
            tags += found
            next = nil
            guard let url = try pages.next(after: response, size: bytes.count, found) else { break }
            guard tags.count < limit else { return TagList(Array(tags.prefix(limit)), isComplete: false) }
            var following = page
            following.target = .address(url.text)
            next = following
        }
        return TagList(tags, atMost: limit)
    }

    /// What `tag` names now: one HEAD, or a GET where that fails or tells too little. What it names may be of any type but
    /// Docker's schema 1.
    ///
    /// - Throws: `RegistryError`.
    public func resolve(_ tag: Tag) async throws -> Descriptor { try await resolve(tag.name) }

    /// What `tag` names, nil if there is no such tag.
    ///
    /// - Throws: `RegistryError`, among them refusals that may mean that there is no such tag
    ///   (``RegistryError/mayMeanAbsence``).
    public func descriptor(of tag: Tag) async throws -> Descriptor? {
        let (answer, isWorn) = try await head(of: tag.name, accepted: [200, 404])
        if let answer, answer.status != .ok { return nil }
        do {
            return try await resolve(tag.name, stated: answer?.manifestDescriptor, retrying: !isWorn)
        } catch let error as RegistryError where error.status == 404 {
            return nil
        }
    }

    /// Makes further tags name the manifest of `digest`, which the repository has.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func tag(_ digest: Digest, as tags: [Tag]) async throws {
        let manifest = try await manifest(digest)
        for tag in tags { try await push(manifest, tag: tag) }
    }
}

extension RequestPipeline.Response {
    /// Where a list goes on; nil at its end.
    ///
    /// - Throws: `RegistryError` for a malformed `Link` header.
    func nextPage() throws(RegistryError) -> RegistryURL? {
        let next: String?
        do {
            next = try LinkHeader(headers["link"]).next
        } catch {
            throw malformedLink
        }
        guard let next else { return nil }
        guard let page = url.resolving(next) else { throw malformedLink }
        return page
    }

    private var malformedLink: RegistryError {
        RegistryError(request: "GET \(url)", reason: .badResponse("\(LinkHeaderError()), so the list may be longer"))
    }
}
