public import ContainerImage
import LibC
import Packages

/// What images are copied from or to.
public enum CopyPlace: Sendable, Equatable {
    /// A package: a file, a folder, or a stream.
    case package(path: String)
    /// An image in a registry; the tag is nil where none is given.
    case image(Repository, Tag?)
    /// An image in a registry, by digest.
    case pinned(DigestReference)

    /// What `text` means as a source: a package that is there, or something that is written like a path; else a reference.
    ///
    /// - Throws: `CopyPlaceError` for what is neither.
    public init(source text: String) throws(CopyPlaceError) {
        self =
            try Self.isPath(text) || !PackagePath.isSeekable(text) || AnyPackage.looksLikePackage(text)
            ? .package(path: text) : Self.reference(text)
    }

    /// What `text` means as a destination: something that is written like a path, or a folder that is there; else a
    /// repository, with or without a tag.
    ///
    /// - Parameter isCompressed: Whether a package is compressed when it is written.
    /// - Throws: `CopyPlaceError` for what is neither, and for a digest: content alone has that.
    public init(destination text: String, compressed isCompressed: Bool = false) throws(CopyPlaceError) {
        var status = stat()
        let isFolder = stat(text, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        self = try Self.isPath(text) || isFolder ? .package(path: text) : Self.reference(text)
        switch self {
        case .pinned: throw CopyPlaceError(text: text, reason: .digest)
        case .package where Self.isCompressed(text) && !isFolder && !isCompressed:
            throw CopyPlaceError(text: text, reason: .compressed)
        case .image where !text.contains("/"): throw CopyPlaceError(text: text, reason: .bareName)
        case .image, .package: break
        }
    }

    /// `-`, `/tmp/x`, `./x`, `x/`, `x.tar`: none of these is a good reference.
    private static func isPath(_ text: String) -> Bool {
        text == PackagePath.standardStream || text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../")
            || text.hasSuffix("/") || text.hasSuffix(".tar") || isCompressed(text)
    }

    private static func isCompressed(_ text: String) -> Bool {
        [".tgz", ".tar.gz", ".tzst", ".tar.zst", ".txz", ".tar.xz"].contains(where: text.hasSuffix)
    }

    /// Whether `text` is a host and a port, which would else be an image of Docker Hub and its tag.
    private static func isRegistry(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !text.contains("/"), !parts[1].isEmpty, parts[1].allSatisfy(\.isNumber) else {
            return false
        }
        return parts[0] == "localhost" || parts[0].contains(".")
    }

    private static func reference(_ text: String) throws(CopyPlaceError) -> CopyPlace {
        guard !isRegistry(text) else { throw CopyPlaceError(text: text, reason: .registry) }
        do {
            switch try ImageReference(text) {
            case .digest(let reference): return .pinned(reference)
            case .tag(let repository, let tag):
                let hasTag = text.split(separator: "/").last?.contains(":") ?? false
                return .image(repository, hasTag ? tag : nil)
            }
        } catch {
            throw CopyPlaceError(text: text, reason: .malformed(error))
        }
    }
}

/// What nothing can be copied from or to.
public struct CopyPlaceError: HintedError, Sendable {
    /// What is wrong with a place.
    public enum Reason: Sendable {
        /// It is no reference, and isn't written like a path.
        case malformed(ReferenceError)
        /// It has a digest.
        case digest
        /// It is a registry without a repository.
        case registry
        /// It has the name of a compressed file.
        case compressed
        /// It is a name alone, which may be meant as a folder or as a repository of Docker Hub.
        case bareName
    }

    /// What was given.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    /// What is wrong, and what can be given.
    public var message: HintedText {
        switch reason {
        case .malformed(let error):
            "\(error); a package is written as a path, such as ./images.tar or ./layout/"
        case .registry: "'\(text)': this is a registry, and the path is missing: \(text)/app"
        case .compressed:
            "'\(text)': packages are written uncompressed; name a .tar\(hint: .compress, after: ", or ")"
        case .bareName:
            "'\(text)': write ./\(text)/ for a folder, ./\(text) for a file, or docker.io/library/\(text) for Docker Hub"
        case .digest: "'\(text)': a destination can't have a digest; name a repository, with or without a tag"
        }
    }
}
