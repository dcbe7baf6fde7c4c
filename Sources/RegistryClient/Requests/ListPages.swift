/// The pages of a list, as `Link` headers lead from one to the next: bounded, however long a registry says that it is.
struct ListPages {
    /// How many bytes the pages of one list may have together: half a million tags have about as many.
    static let sizeLimit = 32 << 20
    /// How many pages a list may have: of 50 entries, as Quay gives them, that is 100,000.
    private static let pageLimit = 2000
    private static let emptyLimit = 50

    /// `the list of tags`.
    private let subject: String
    private var entries: Set<String> = []
    private var addresses: Set<RegistryURL> = []
    private var pages = 0
    private var emptyPages = 0
    private var size = 0

    /// Creates the pages of a list of `content`: `tags`.
    init(of content: String) { subject = "the list of \(content)" }

    /// Takes a page in.
    ///
    /// - Parameters:
    ///   - size: How many bytes it has.
    ///   - page: What is on it.
    /// - Returns: Where the list goes on; nil at its end.
    /// - Throws: `RegistryError` for a list that is too long, or that repeats itself, and for a malformed `Link` header.
    mutating func next(
        after response: RequestPipeline.Response,
        size: Int,
        _ page: [String]
    ) throws(RegistryError) -> RegistryURL? {
        self.size += size
        guard self.size <= Self.sizeLimit else {
            throw Self.error(response, "\(subject) has more than \(Self.sizeLimit >> 20) MiB")
        }
        guard let next = try response.nextPage() else { return nil }
        pages += 1
        let isRepeated = entries.isSuperset(of: page)
        entries.formUnion(page)
        emptyPages = page.isEmpty ? emptyPages + 1 : 0
        guard addresses.insert(next).inserted, page.isEmpty || !isRepeated, emptyPages < Self.emptyLimit else {
            throw Self.error(response, "\(subject) never ends: its pages repeat themselves, or have nothing on them")
        }
        guard pages < Self.pageLimit else {
            throw Self.error(response, "\(subject) never ends: it has more than \(Self.pageLimit) pages")
        }
        return next
    }

    private static func error(_ response: RequestPipeline.Response, _ reason: String) -> RegistryError {
        RegistryError(request: "GET \(response.url)", reason: .badResponse(reason))
    }
}
