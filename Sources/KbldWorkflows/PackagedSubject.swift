public import ContainerImage
import FoundationEssentials
import ImageStore
import Packages

/// What people name in a package: an image or index, one of its blobs, or a path in an image.
public struct PackagedSubject: Sendable {
    /// What has the name.
    enum Content: Sendable {
        /// An image or an index.
        case tree(ImageTree)
        /// A config or a layer.
        case blob(Descriptor)
    }

    let content: Content
    /// The path in the image, with the slash it begins with; nil for the image itself.
    let path: String?

    /// Finds `text`, a reference or a digest, with `:/path` behind it for what is in the image.
    ///
    /// A reference is one that the package has, by digest or by a name that the package records; a repository alone will
    /// do where it has one image there, and so will the last parts of a name.
    ///
    /// - Throws: `PackagedSubjectError` when the package has no such thing, or several.
    init(_ text: String, in package: AnyPackage) throws(PackagedSubjectError) {
        let colon = text.firstRange(of: ":/")
        let name = String(colon.map { text[..<$0.lowerBound] } ?? text[...])
        path = colon.map { String(text[text.index(after: $0.lowerBound)...]) }
        content = try Self.content(named: name, in: package)
    }

    private static func content(named name: String, in package: AnyPackage) throws(PackagedSubjectError) -> Content {
        let all = package.trees.flatMap(\.all)
        func failure(_ reason: PackagedSubjectError.Reason, _ trees: [ImageTree]) -> PackagedSubjectError {
            let references = Set(trees.map(\.reference)).sorted().map(\.description)
            return PackagedSubjectError(name: name, path: package.path, reason: reason, references: references)
        }
        func found(_ digest: Digest, among trees: [ImageTree]) -> Content? {
            if let tree = trees.first(where: { $0.manifest.digest == digest }) { return .tree(tree) }
            let blobs = trees.flatMap(\.images).flatMap { [$0.parsed.config] + $0.parsed.layers }
            return blobs.first { $0.digest == digest }.map { .blob($0) }
        }
        if let digest = try? Digest(name) {
            guard let content = found(digest, among: all) else { throw failure(.missing, package.trees) }
            return content
        }
        let reference: ImageReference
        do {
            reference = try ImageReference(name)
        } catch {
            throw failure(.malformed("\(error)"), [])
        }
        let there = all.filter { $0.reference.repository == reference.repository }
        let companions = PackageCompanions(package.trees, package.metadata)
        func only(_ trees: [ImageTree]) throws(PackagedSubjectError) -> Content {
            guard Set(trees.map(\.manifest.digest)).count == 1 else { throw failure(.several, trees) }
            return .tree(trees[0])
        }
        /// What has the name without its beginning.
        func short() throws(PackagedSubjectError) -> Content? {
            let trees = package.trees.filter { tree in
                !companions.contains(tree)
                    && PackagePart.names(of: tree, package.names, package.metadata).contains(name)
            }
            return trees.isEmpty ? nil : try only(trees)
        }
        switch reference {
        case .digest(let wanted):
            if let content = found(wanted.digest, among: there) { return content }
            guard let content = try short() else { throw failure(.missing, package.trees) }
            return content
        case .tag:
            if let digest = package.recordedDigest(of: reference), let content = found(digest, among: all) {
                return content
            }
            let inside = package.trees.filter { $0.reference.repository == reference.repository }
            let images = inside.filter { !companions.contains($0) }
            let roots = images.isEmpty ? inside : images
            let hasTag = name.split(separator: "/").last?.contains(":") ?? false
            guard !hasTag, !roots.isEmpty else {
                if let content = try short() { return content }
                throw failure(hasTag && !roots.isEmpty ? .noTag : .missing, roots.isEmpty ? package.trees : roots)
            }
            return try only(roots)
        }
    }

    /// The one image that is meant.
    ///
    /// - Parameter platform: Which of an index; nil where it has but one.
    /// - Throws: `PackagedSubjectError` for a blob, and where no image or several are of the platform.
    func image(for platform: Platform?, in package: AnyPackage, named name: String) throws(PackagedSubjectError)
        -> ImageNode
    {
        guard case .tree(let tree) = content else {
            throw PackagedSubjectError(name: name, path: package.path, reason: .blob, references: [])
        }
        var images: [(platform: Platform?, image: ImageNode)] = []
        Self.collect(tree, nil, into: &images)
        let fitting = images.filter { entry in
            guard let platform else { return images.count == 1 || entry.platform?.architecture != "unknown" }
            return entry.platform.map { $0.satisfies(platform) } ?? (images.count == 1)
        }
        guard fitting.count == 1 else {
            let choice = images.map { entry in
                "\(entry.image.reference)" + (entry.platform.map { " for \($0)" } ?? "")
            }
            throw PackagedSubjectError(
                name: name,
                path: package.path,
                reason: fitting.isEmpty ? .noPlatform : .severalPlatforms,
                references: choice
            )
        }
        return fitting[0].image
    }

    /// The platform that an image's config states; nil for an artifact's.
    private static func platform(in config: [UInt8]) -> Platform? {
        guard JSONNesting.isWithinLimit(config),
            let platform = try? JSONDecoder().decode(Platform.self, from: Data(config)), !platform.os.isEmpty,
            !platform.architecture.isEmpty
        else { return nil }
        return platform
    }

    private static func collect(
        _ tree: ImageTree,
        _ platform: Platform?,
        into images: inout [(platform: Platform?, image: ImageNode)]
    ) {
        switch tree {
        case .image(let image): images.append((platform ?? Self.platform(in: image.config), image))
        case .index(let index):
            guard case .index(let parsed)? = try? index.manifest.parsed() else { return }
            let platforms = Dictionary(parsed.manifests.map { ($0.digest, $0.platform) }) { first, _ in first }
            for child in index.children { collect(child, platforms[child.manifest.digest] ?? nil, into: &images) }
        }
    }
}

extension AnyPackage {
    /// What the package records under a name with a tag.
    fileprivate func recordedDigest(of name: ImageReference) -> Digest? {
        let tagged = metadata.tags?.first { .tag($0.image.repository, $0.tag) == name }
        return names[name] ?? tagged?.image.digest
    }
}

/// A name that means nothing in a package, or several things.
public struct PackagedSubjectError: MultilineError, Sendable {
    /// What is wrong with a name.
    public enum Reason: Sendable, Equatable {
        /// The package has nothing of it.
        case missing
        /// The package has the repository, and doesn't record the tag.
        case noTag
        /// Several images are in the repository.
        case several
        /// It is no reference.
        case malformed(String)
        /// It is a config or a layer, which has no files.
        case blob
        /// No image of the index is for the platform.
        case noPlatform
        /// Several images of the index could be meant.
        case severalPlatforms
    }

    /// What was named.
    public let name: String
    /// The package.
    public let path: String
    /// What is wrong with it.
    public let reason: Reason
    /// What could be named instead.
    public let references: [String]

    private static let listLimit = 20

    /// What is wrong, and what the package has instead.
    public var lines: [HintedText] {
        let heading: HintedText =
            switch reason {
            case .missing: "'\(path)' has no '\(name)'; it has:"
            case .noTag: "'\(path)' records no tag for '\(name)'; name one of these:"
            case .several: "'\(path)' has several images in '\(name)'; name one of these:"
            case .malformed(let reason): "\(reason)"
            case .blob: "'\(name)' is a config or a layer; only images have files"
            case .noPlatform: "'\(name)' has no image for this platform; it has:"
            case .severalPlatforms:
                "'\(name)' has images for several platforms\(hint: .namePlatform, after: "; ", before: " or one of these:")"
            }
        let more = references.count - Self.listLimit
        return [heading] + references.prefix(Self.listLimit).map { "- \($0)" }
            + (more > 0 ? ["- and \(more) more"] : [])
    }
}
