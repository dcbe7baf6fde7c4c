import ContainerImage

/// How the annotations of a layout's index name an image.
///
/// OCI image specification, "Image Layout", `index.json`; `io.containerd.image.name` is containerd's.
struct LayoutNames: Sendable {
    static let referenceName = "org.opencontainers.image.ref.name"
    static let fullName = "io.containerd.image.name"
    /// The annotation of an index that has kbld's metadata.
    static let metadata = "dev.carvel.kbld.notes"

    /// The repository that an image without a name is said to be of: `localhost/` and the file's name.
    let unnamed: Repository

    /// Creates names; the file's name gives the repository of images without one.
    init(path: String) {
        let file = path.split(separator: "/").last.map(String.init) ?? ""
        let stem = file.split(separator: ".").first.map(String.init) ?? ""
        let allowed = stem.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "-" }.joined()
        let name = allowed.split(separator: "-").joined(separator: "-")
        // Both parse: the first has only letters, digits and single dashes.
        let fallback = Self.repository("localhost/images")
        unnamed = (try? Repository("localhost/" + (name.isEmpty ? "images" : name))) ?? fallback
    }

    private static func repository(_ text: String) -> Repository {
        do {
            return try Repository(text)
        } catch {
            preconditionFailure("'\(text)' is a repository's name")
        }
    }

    /// A reference as containerd has it, with Docker Hub by its short name.
    static func fullName(of reference: DigestReference) -> String {
        "\(name(of: reference.repository))@\(reference.digest)"
    }

    /// A name as containerd has it.
    static func fullName(of name: TaggedImage) -> String { "\(Self.name(of: name.image.repository)):\(name.tag)" }

    private static func name(of repository: Repository) -> String {
        repository.registry == .dockerHub ? "docker.io/\(repository.path)" : repository.description
    }

    /// What the annotations of `descriptor` call it.
    func reference(of descriptor: Descriptor) -> ImageReference {
        let annotations = descriptor.annotations ?? [:]
        if let full = annotations[Self.fullName], let reference = try? ImageReference(full) { return reference }
        let bare = ImageReference.digest(DigestReference(repository: unnamed, digest: descriptor.digest))
        guard let name = annotations[Self.referenceName] else { return bare }
        if name.contains("/") || name.contains(":") || name.contains("@") {
            return (try? ImageReference(name)) ?? bare
        }
        return (try? Tag(name)).map { .tag(unnamed, $0) } ?? bare
    }
}
