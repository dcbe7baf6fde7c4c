public import ContainerImage
import FoundationEssentials

/// Which tags of a target the mirror has set. It is kept in the target itself, as an artifact.
public struct MirrorState: Sendable, Equatable {
    /// One tag.
    public struct Entry: Sendable, Equatable, Codable {
        /// The repository in the target.
        public var repository: String
        /// The tag.
        public var tag: String
        /// The digests that the mirror has set it to, the latest last: the last but one where a run was killed.
        public var digests: [Digest]
        /// The digest of the whole index at the source, where a filtered one took its place.
        public var source: Digest?
        /// When it was set, in seconds since 1970.
        public var set: Int64
    }

    private var entries: [ImageReference: Entry] = [:]
    private var filters: [Repository: [Digest: Digest]] = [:]

    /// Creates the state of a target in which nothing was set.
    public init() {}

    /// All tags, sorted.
    public var all: [(name: ImageReference, entry: Entry)] {
        entries.map { ($0.key.description, $0) }.sorted { $0.0 < $1.0 }.map { (name: $1.key, entry: $1.value) }
    }

    /// Whether no tag is the mirror's own.
    public var isEmpty: Bool { entries.isEmpty }

    /// What is known of a tag.
    public subscript(repository: Repository, tag: Tag) -> Entry? { entries[.tag(repository, tag)] }

    /// Whether the mirror has set a tag to `digest`.
    public func owns(_ tag: Tag, in repository: Repository, as digest: Digest) -> Bool {
        entries[.tag(repository, tag)]?.digests.contains(digest) == true
    }

    /// What took the place of an index, where that is known.
    func filtered(_ index: Digest, at repository: Repository) -> Digest? { filters[repository]?[index] }

    /// Notes that a tag is set to `digest`, or is about to be. What it was before stays known until the next time.
    public mutating func note(
        _ tag: Tag,
        in repository: Repository,
        as digest: Digest,
        filteredFrom source: Digest? = nil,
        at seconds: Int64
    ) {
        let name = ImageReference.tag(repository, tag)
        let former = entries[name]?.digests.last { $0 != digest }
        entries[name] = Entry(
            repository: repository.description,
            tag: tag.name,
            digests: (former.map { [$0] } ?? []) + [digest],
            source: source,
            set: seconds
        )
        if let source { filters[repository, default: [:]][source] = digest }
    }

    /// Forgets a tag.
    public mutating func forget(_ tag: Tag, in repository: Repository) { entries[.tag(repository, tag)] = nil }
}

extension MirrorState {
    private struct File: Codable {
        var version = 1
        var tags: [Entry]
    }

    /// Reads the artifact's content.
    ///
    /// - Throws: `MirrorStateError.Reason`.
    init(decoding bytes: [UInt8]) throws(MirrorStateError.Reason) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(bytes))
        } catch {
            throw .malformed
        }
        guard file.version == 1 else { throw .newer }
        for entry in file.tags {
            guard let repository = try? Repository(entry.repository), let tag = try? Tag(entry.tag) else { continue }
            entries[.tag(repository, tag)] = entry
            if let source = entry.source, let digest = entry.digests.last {
                filters[repository, default: [:]][source] = digest
            }
        }
    }

    /// The artifact's content, the same for the same state.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(File(tags: all.map(\.entry))))
    }
}
