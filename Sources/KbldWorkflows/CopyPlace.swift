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
            try Self.isPath(text) || AnyPackage.looksLikePackage(text)
            ? .package(path: text) : Self.reference(text)
    }

    /// What `text` means as a destination: something that is written like a path, or a folder that is there; else a
    /// repository, with or without a tag.
    ///
    /// - Throws: `CopyPlaceError` for what is neither, and for a digest: content alone has that.
    public init(destination text: String) throws(CopyPlaceError) {
        var status = stat()
        let isFolder = stat(text, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        self = try Self.isPath(text) || isFolder ? .package(path: text) : Self.reference(text)
        if case .pinned = self { throw CopyPlaceError(text: text, reason: .digest) }
    }

    /// `-`, `/tmp/x`, `./x`, `x/`, `x.tar`: none of these is a good reference.
    private static func isPath(_ text: String) -> Bool {
        text == PackagePath.standardStream || text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../")
            || text.hasSuffix("/") || text.hasSuffix(".tar")
    }

    private static func reference(_ text: String) throws(CopyPlaceError) -> CopyPlace {
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
        case .digest: "'\(text)': a destination can't have a digest; name a repository, with or without a tag"
        }
    }
}
