public import ContainerImage
import FoundationEssentials

/// What a package says beyond `manifest.json`, in an entry that other readers pass over (docs/format.md, "Reading"); an OCI layout
/// says it in an annotation of its index.
///
/// A package without anything to say has no such entry, and is byte for byte as the original writes it.
public struct PackageMetadata: Hashable, Sendable, Codable {
    /// A layer that has no entry, because the other side has it.
    public struct OmittedLayer: Hashable, Sendable, Codable {
        /// The layer.
        public var digest: Digest
        /// How many bytes it has.
        public var size: Int64
        /// The number of the volume that has it, of a package that is one of several.
        public var volume: Int?

        /// Creates an omitted layer.
        public init(digest: Digest, size: Int64, volume: Int? = nil) {
            self.digest = digest
            self.size = size
            self.volume = volume
        }
    }

    /// Tags that images get where they arrive, such as those of cosign's signatures.
    public var names: [TaggedImage]?
    /// Tags that images had where they come from. A registry that serves the package has them; no other one gets them.
    public var tags: [TaggedImage]?
    /// Indexes whose digests differ from those in the documents.
    public var platformFilters: [PlatformFilter]?
    /// Layers that have no entries: the package is a delta.
    public var omitted: [OmittedLayer]?
    /// What indexes name and the package doesn't have, on purpose.
    public var absent: [AbsentEntry]?
    /// Which volume the package is, where it is one of several.
    public var volume: Volume?
    /// What it says as a backup, where it is one.
    public var backup: Backup?

    /// The name of the entry.
    package static let entryName = "kbld-notes.json"

    /// Creates metadata; without arguments, it is empty.
    public init(
        names: [TaggedImage] = [],
        platformFilters: [PlatformFilter] = [],
        tags: [TaggedImage] = []
    ) {
        self.names = names.isEmpty ? nil : names
        self.tags = tags.isEmpty ? nil : tags
        self.platformFilters = platformFilters.isEmpty ? nil : platformFilters
    }

    /// The digests of the layers that have no entries.
    public var omittedDigests: Set<Digest> { Set((omitted ?? []).map(\.digest)) }

    /// What the names name.
    package var taggedNames: [ImageReference: Digest] {
        let pairs = (names ?? []).map { (ImageReference.tag($0.image.repository, $0.tag), $0.image.digest) }
        return Dictionary(pairs) { $1 }
    }

    /// What the tags named where the images come from.
    public var recordedTags: [ImageReference: Digest] {
        let pairs = (tags ?? []).map { (ImageReference.tag($0.image.repository, $0.tag), $0.image.digest) }
        return Dictionary(pairs) { $1 }
    }

    /// Whether there is nothing to say.
    public var isEmpty: Bool { self == PackageMetadata() }

    /// - Throws: `ArchiveError.damaged` when the entry isn't of the form.
    package init(decoding bytes: [UInt8], path: String, entry: String = entryName) throws(ArchiveError) {
        do {
            guard JSONNesting.isWithinLimit(bytes) else { throw JSONAmbiguityError.zeroByte }
            try Self.shape.check(bytes)
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .damaged(path: path, entry: entry, reason: "it is not valid JSON of a package's metadata")
        }
    }

    private static let shape: JSONShape = .object(knowing: [
        "names": .list(.object(knowing: ["tag": .anything, "image": .anything])),
        "tags": .list(.object(knowing: ["tag": .anything, "image": .anything])),
        "slimmings": .list(
            .object(knowing: ["index": .anything, "slimmed": .anything, "platforms": .anything, "whole": .anything])
        ),
        "leftOut": .list(
            .object(knowing: ["digest": .anything, "size": .anything, "index": .anything, "platform": .anything])
        ),
        "delta": .anything,
        "backup": .object(knowing: [
            "scope": .anything, "tags": .list(.object(knowing: ["tag": .anything, "image": .anything])),
        ]),
    ])

    /// The entry's bytes, the same for the same metadata.
    package func encoded() throws(ArchiveError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self))
        } catch {
            throw .file(path: Self.entryName, doing: "Encoding", reason: "\(error)")
        }
    }
}
