import ContainerImage
import ImageStore

/// What of a repository stays: all manifests that its remaining tags lead to, or that what these name belongs to.
struct RetainedContent: Sendable {
    private let repository: any ImageRepository
    private let limit: Int
    /// The manifests.
    private(set) var manifests: Set<Digest> = []
    /// What manifests lead to: each is read once.
    private var links: [Digest: [Digest]] = [:]
    /// Those of the manifests that were deleted, before those that lead to them.
    private(set) var lost: [RawManifest] = []

    /// Creates the content of no tag.
    ///
    /// - Parameter limit: How many requests are under way at once.
    init(in repository: any ImageRepository, atMost limit: Int) {
        self.repository = repository
        self.limit = limit
    }

    /// The same of no tag, which knows what was read.
    var emptied: RetainedContent {
        var content = RetainedContent(in: repository, atMost: limit)
        content.links = links
        return content
    }

    /// Adds what `roots` lead to.
    ///
    /// - Parameter deleted: What was in the repository, and was deleted.
    /// - Throws: `UnreadableContentError` where that can't be told.
    mutating func add(_ roots: [Digest], knowing deleted: [Digest: RawManifest] = [:]) async throws {
        var pending = Set(roots).subtracting(manifests)
        var found: [RawManifest] = []
        while !pending.isEmpty {
            manifests.formUnion(pending)
            let unread = pending.filter { links[$0] == nil }.sorted()
            let repository = repository
            let read = try await unread.concurrentMap(atMost: limit) { digest -> (links: [Digest], isLost: Bool) in
                do {
                    return (try Self.links(of: try await repository.manifest(digest)), false)
                } catch let error as any StoreError where error.meansAbsence {
                    return (try deleted[digest].map(Self.links) ?? [], true)
                } catch let error as any StoreError where error.manifestError != nil {
                    throw UnreadableContentError()
                }
            }
            var next = Set(pending.flatMap { links[$0] ?? [] })
            for (digest, answer) in zip(unread, read) {
                next.formUnion(answer.links)
                guard answer.isLost else {
                    links[digest] = answer.links
                    continue
                }
                if let manifest = deleted[digest] { found.append(manifest) }
            }
            pending = next.subtracting(manifests)
        }
        lost += try Self.ordered(found)
    }

    /// What a manifest leads to. An artifact with a name of its own keeps what it belongs to.
    static func links(of manifest: RawManifest) throws(UnreadableContentError) -> [Digest] {
        guard let parsed = try? manifest.parsed() else { throw UnreadableContentError() }
        let entries = if case .index(let index) = parsed { index.manifests.map(\.digest) } else { [Digest]() }
        return entries + (manifest.referrerDescriptor.map { [$0.subject] } ?? [])
    }

    /// Those first that others lead to.
    private static func ordered(_ manifests: [RawManifest]) throws(UnreadableContentError) -> [RawManifest] {
        var rest = Dictionary(manifests.map { ($0.digest, $0) }) { first, _ in first }
        var ordered: [RawManifest] = []
        while !rest.isEmpty {
            var next: [RawManifest] = []
            for manifest in rest.values where try links(of: manifest).allSatisfy({ rest[$0] == nil }) {
                next.append(manifest)
            }
            // Digests can't lead in a circle.
            guard !next.isEmpty else { return ordered + rest.values }
            ordered += next
            for manifest in next { rest[manifest.digest] = nil }
        }
        return ordered
    }
}

/// A manifest of which it can't be told what it leads to.
struct UnreadableContentError: Error {}
