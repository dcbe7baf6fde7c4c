import ContainerImage
import RegistryClient
import Testing

@Suite("Lists over several pages")
struct ListPagesTests {
    /// The tags that a registry lists which answers with `page` for each request of a list, by its number.
    private func tags(
        _ page: @escaping @Sendable (_ number: Int) -> (tags: [String], isLast: Bool)
    ) async throws -> (tags: Result<[String], any Error>, requests: Int) {
        try await ScriptedRegistry.serving { request, registry in
            guard request.path.contains("/tags/list") else { return nil }
            let number = registry.content.requests.count { $0.path.contains("/tags/list") } - 1
            let (tags, isLast) = page(number)
            let list = tags.map { "\"\($0)\"" }.joined(separator: ",")
            let next = "</v2/a/b/tags/list?page=\(number + 1)>; rel=\"next\""
            return Answer(200, isLast ? [:] : ["Link": next], #"{"name":"a/b","tags":[\#(list)]}"#)
        } _: { registry in
            let client = try RegistryClient(options: RegistryOptions(), credentials: .anonymous)
            let result: Result<[String], any Error>
            do {
                result = .success(try await client.repository(Repository("\(registry.host)/a/b")).tags())
            } catch {
                result = .failure(error)
            }
            await client.shutdown()
            return (result, registry.lines.count { $0.contains("/tags/list") })
        }
    }

    @Test(
        "All pages make up the list; some may be empty, or begin with what the last one ended with"
    )
    func pages() async throws {
        let pages = [["1", "2"], [], ["2", "3"], ["4"], ["4"]]
        let found = try await tags { (pages[$0], $0 == pages.count - 1) }
        #expect(try Set(found.tags.get()) == ["1", "2", "3", "4"] && found.requests == 5)
    }

    @Test("A page that comes again ends the list in an error at once, whatever it says of the next one")
    func repeated() async throws {
        let found = try await tags { _ in (["1", "2"], false) }
        let error = #expect(throws: RegistryError.self) { try found.tags.get() }
        #expect(error?.description.contains("never ends: its pages repeat themselves") == true)
        #expect(found.requests == 2)
    }

    @Test("Pages without end are asked for no more than so often", arguments: [(true, 50), (false, 2000)])
    func endless(isEmpty: Bool, limit: Int) async throws {
        let found = try await tags { (isEmpty ? [] : ["\($0)"], false) }
        let error = #expect(throws: RegistryError.self) { try found.tags.get() }
        #expect(error?.description.contains("the list of tags never ends") == true)
        #expect(found.requests == limit)
    }
}
