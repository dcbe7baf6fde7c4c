public import ContainerImage
public import ImageTransfer
public import KbldConfiguration
public import KubernetesYAML
public import ReferenceChecks

/// What a registry is to have of others: a document of the kind `Mirror`.
public struct MirrorDocument: Sendable {
    /// What is mirrored of one place.
    public struct Entry: Sendable {
        /// What it names.
        public var content: Content
        /// Patterns of tags that never move.
        public var immutable: [TextPattern]
        /// The entry as it is written.
        public var value: YAMLValue

        /// The registry of what it names; nil for that of documents, which may be any.
        var registry: RegistryHost? {
            switch content {
            case .repository(let repository, _): repository.registry
            case .image(let reference): reference.repository.registry
            case .documents: nil
            }
        }
    }

    /// What an entry names.
    public enum Content: Sendable {
        /// Tags of a repository.
        case repository(Repository, TagSelection)
        /// One image.
        case image(ImageReference)
        /// The images of documents and charts: files, folders, addresses.
        case documents([String])
    }

    /// What stays that the document doesn't name any more.
    public struct PruneRules: Sendable, Hashable {
        /// How many of the newest tags of each repository stay; nil for none.
        public var newest: Int?
        /// What was set less long ago stays; nil for none.
        public var olderThan: AgeLimit?
        /// Patterns of tags that always stay.
        public var protected: [TextPattern] = []

        /// Creates rules by which nothing stays.
        public init() {}
    }

    /// What the mirror is called: its tags in the target are its own by that. `metadata.name`, or else the file's name
    /// without its ending; empty for standard input.
    public var name: String
    /// Where the images are to be.
    public var target: RepositoryRoot
    /// In which repositories below that.
    public var layout: RepositoryLayout
    /// Those repositories that go elsewhere below it.
    var renames: RepositoryRenames
    /// What is taken along with images, and what is left out of them.
    public var artifacts: ArtifactSelection
    /// How many requests a second registries get at most.
    public var requestsPerSecond: [RegistryHost: Double]
    /// The same for registries that aren't named.
    public var requestsPerSecondElsewhere: Double?
    /// What is mirrored.
    public var entries: [Entry]
    /// What stays in the target.
    public var prune: PruneRules
    /// The document as it is written.
    public var value: YAMLValue

    /// The kind of such documents.
    public static let kind = "Mirror"

    /// The repository in the target for what is in `source`.
    ///
    /// - Throws: `ReferenceError` where there can be none of that name.
    public func destination(of source: Repository) throws(ReferenceError) -> Repository {
        if let path = renames.name(of: source.description) { return try Repository("\(target)/\(path)") }
        return try layout.repository(for: source, below: target)
    }

    /// The document as text, the same for the same content.
    public var text: String { YAMLWriter.text(of: value) }

    /// Whether it says itself what the mirror is called.
    public var isNamed: Bool { value["metadata"]?["name"] != nil }

    /// Makes sure that the document says what the mirror is called: files of one name would have the tags of each other.
    ///
    /// - Throws: `MirrorDocumentError` where it doesn't.
    public func checkName(file: String) throws(MirrorDocumentError) {
        guard !isNamed else { return }
        throw MirrorDocumentError(
            file: file,
            line: 1,
            field: "metadata.name",
            reason:
                "pruning needs it, as another file of the same name would prune this one's tags; runs have called this "
                + "mirror '\(name)': write metadata: {name: \(name.isEmpty ? "\"\"" : name)} to go on with it"
        )
    }

    /// The same document with other entries, as text.
    ///
    /// - Parameter images: The entries.
    public func text(with images: [YAMLValue]) -> String {
        var copy = self
        var map = value.mapValue ?? [:]
        map["images"] = .list(images)
        copy.value = .map(map)
        return copy.namedText
    }

    /// The document as text with the mirror's name: it is the same mirror's, whatever file it is in.
    public var namedText: String {
        guard !isNamed else { return text }
        var map = value.mapValue ?? [:]
        var metadata = map["metadata"]?.mapValue ?? [:]
        metadata["name"] = .string(name)
        map["metadata"] = .map(metadata)
        return YAMLWriter.text(of: .map(map))
    }
}
