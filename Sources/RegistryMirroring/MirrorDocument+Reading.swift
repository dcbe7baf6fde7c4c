import ContainerImage
import ImageTransfer
import KbldConfiguration
import KubernetesYAML
import ReferenceChecks

extension MirrorDocument {
    /// Reads the one document of a file. Keys that mean nothing are errors.
    ///
    /// - Throws: `YAMLError`; `MirrorDocumentError` with file and line.
    public init(reading bytes: [UInt8], file: String) throws {
        let documents = try YAMLReader.documents(in: bytes, file: file)
        let source = try YAMLSource(bytes, file: file)
        let roots = source.documents.filter { source.value(at: $0) != .null }
        guard documents.count == 1, roots.count == 1, let root = roots.first else {
            throw MirrorDocumentError(
                file: file,
                line: documents.dropFirst().first?.line ?? 1,
                field: "",
                reason: "expected one document of the kind \(Self.kind), found \(documents.count)"
            )
        }
        try self.init(DocumentNode(source: source, position: root, path: "", file: file))
    }

    private static let keys = [
        "apiVersion", "kind", "metadata", "target", "layout", "map", "platforms", "sparse", "allowMissingPlatform",
        "companions", "includeNonDistributable", "immutable", "requestsPerSecond", "images", "prune",
    ]

    private init(_ node: DocumentNode) throws(MirrorDocumentError) {
        guard let version = try node.child("apiVersion"), try version.text() == Configuration.apiVersion else {
            throw try (node.child("apiVersion") ?? node).error("expected apiVersion: \(Configuration.apiVersion)")
        }
        guard let kind = try node.child("kind"), try kind.text() == Self.kind else {
            throw try (node.child("kind") ?? node).error("expected kind: \(Self.kind)")
        }
        try node.check(keys: Self.keys)
        guard let place = try node.child("target") else {
            throw node.error("expected target: the registry or repository that the images go to")
        }
        target = try place.parsed(Self.root)
        if let given = try node.child("metadata")?.child("name") {
            // It becomes a part of a tag, but for that of standard input.
            let parsed = { (text: String) throws(ReferenceError) in
                _ = try MirrorStateStore.tag(of: text)
                return text
            }
            name = given.value == .string("") ? "" : try given.parsed(parsed)
        } else {
            name = Self.name(ofFile: node.file)
        }
        layout = .mirrorWithHost
        if let name = try node.child("layout") { layout = try name.choice(RepositoryLayout.self) }
        if target.repository == nil, !layout.keepsPaths {
            throw place.error("'\(target)' is a registry; the layout \(layout.rawValue) needs a repository")
        }
        renames = RepositoryRenames(try Self.renames(node.child("map"), below: target))
        artifacts = try ArtifactSelection(node)
        (requestsPerSecond, requestsPerSecondElsewhere) = try Self.rates(node.child("requestsPerSecond"))
        let immutable = try node.texts("immutable").map(TextPattern.init)
        entries = []
        for entry in try node.child("images")?.items() ?? [] {
            entries += try Entry.entries(entry, immutable: immutable)
        }
        prune = try PruneRules(node.child("prune"))
        value = node.value
    }

    /// The name of a file without folders and ending, as far as that can be a part of a tag.
    static func name(ofFile path: String) -> String {
        guard path != "stdin" else { return "" }
        let file = path.split(separator: "/").last ?? ""
        let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
        return String(
            stem.prefix(64).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" }
        )
    }

    /// A repository, or a registry.
    private static func root(_ text: String) throws(ReferenceError) -> RepositoryRoot {
        if let root = RepositoryRoot(registry: text) { return root }
        return RepositoryRoot(try Repository(text.hasSuffix("/") ? String(text.dropLast()) : text))
    }

    /// Registries and repositories, with paths below the target.
    private static func renames(
        _ node: DocumentNode?,
        below target: RepositoryRoot
    ) throws(MirrorDocumentError) -> [(old: String, new: String)] {
        guard let node else { return [] }
        var renames: [(old: String, new: String)] = []
        for (name, value) in try node.children() {
            let path = try value.parsed { (text: String) throws(ReferenceError) in
                _ = try Repository("\(target)/\(text.hasSuffix("/") ? String(text.dropLast()) : text)")
                return text
            }
            let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let host = parts.first, host.contains(".") || host.contains(":") || host == "localhost",
                let registry = try? RegistryHost(host)
            else { throw value.error("'\(name)' must begin with a registry, as docker.io/library/nginx does") }
            renames.append((parts.count == 2 ? "\(registry)/\(parts[1])" : registry.name, path))
        }
        return renames
    }

    /// One number for all registries, or one for each.
    private static func rates(
        _ node: DocumentNode?
    ) throws(MirrorDocumentError) -> ([RegistryHost: Double], elsewhere: Double?) {
        guard let node else { return ([:], nil) }
        guard node.isMap else { return ([:], try node.rate()) }
        var rates: [RegistryHost: Double] = [:]
        for (name, rate) in try node.children() {
            do {
                rates[try RegistryHost(name)] = try rate.rate()
            } catch let error as MirrorDocumentError {
                throw error
            } catch {
                throw rate.error("'\(name)' is not a registry")
            }
        }
        return (rates, nil)
    }
}

extension DocumentNode {
    /// One of the values of a type, by its name.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type
    ) throws(MirrorDocumentError) -> Choice where Choice.RawValue == String {
        let text = try text()
        let names = type.allCases.map(\.rawValue)
        guard let choice = Choice(rawValue: text) else {
            let nearest = Spelling.nearest(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
            throw error("'\(text)' is none of \(names.joined(separator: ", "))\(nearest)")
        }
        return choice
    }
}

extension ArtifactSelection {
    private enum Companion: String, CaseIterable { case referrers, cosign }

    fileprivate init(_ node: DocumentNode) throws(MirrorDocumentError) {
        self.init()
        for item in try node.child("platforms")?.itemsOrItself() ?? [] {
            platforms.append(try item.parsed { text throws(PlatformError) in try Platform(text) })
        }
        isSparse = try node.child("sparse")?.flag() ?? false
        allowsMissingPlatform = try node.child("allowMissingPlatform")?.flag() ?? false
        takesNonDistributable = try node.child("includeNonDistributable")?.flag() ?? false
        if isSparse, platforms.isEmpty { throw node.error("sparse needs platforms") }
        for item in try node.child("companions")?.itemsOrItself() ?? [] {
            switch try item.choice(Companion.self) {
            case .referrers: takesReferrers = true
            case .cosign: takesCosign = true
            }
        }
    }
}

extension MirrorDocument.Entry {
    private static let keys = ["repository", "tags", "immutable", "image", "documents", "charts"]

    fileprivate static func entries(
        _ node: DocumentNode,
        immutable: [TextPattern]
    ) throws(MirrorDocumentError) -> [Self] {
        try node.check(keys: keys)
        let immutable = immutable + (try node.texts("immutable").map(TextPattern.init))
        let value = node.value
        func entry(_ content: MirrorDocument.Content) -> Self {
            Self(content: content, immutable: immutable, value: value)
        }
        let (repository, image) = (try node.child("repository"), try node.child("image"))
        let files = try node.texts("documents") + node.texts("charts")
        let tags = try node.child("tags")
        guard [repository != nil, image != nil, !files.isEmpty].count(where: { $0 }) == 1 else {
            throw node.error("expected one of repository, image, or documents and charts")
        }
        if let repository {
            let name = try repository.parsed { text throws(ReferenceError) in try Repository(text) }
            return [entry(.repository(name, try TagSelection(tags)))]
        }
        if let tags { throw tags.error("tags needs a repository") }
        if let image {
            let reference = try image.parsed { text throws(ReferenceError) in try ImageReference(text) }
            return [entry(.image(reference))]
        }
        return [entry(.documents(files))]
    }
}

extension TagSelection {
    private static let keys = [
        "semver", "shortVersions", "prereleases", "match", "regex", "except", "exceptRegex", "newest",
    ]

    fileprivate init(_ node: DocumentNode?) throws(MirrorDocumentError) {
        self.init()
        guard let node else { return }
        guard node.isMap else {
            var names: [Tag] = []
            for item in try node.itemsOrItself() {
                let tag = try item.parsed { text throws(ReferenceError) in try Tag(text) }
                if !names.contains(tag) { names.append(tag) }
            }
            self.names = names
            return
        }
        try node.check(keys: Self.keys)
        versions = try node.child("semver")?.parsed { text throws(VersionRangeError) in try VersionRange(text) }
        takesShortVersions = try node.child("shortVersions")?.flag() ?? false
        takesPrereleases = try node.child("prereleases")?.flag()
        patterns = try node.texts("match").map(TextPattern.init)
        exceptions = try node.texts("except").map(TextPattern.init)
        expressions = try Self.expressions(node.child("regex"))
        exceptedExpressions = try Self.expressions(node.child("exceptRegex"))
        newest = try node.child("newest")?.count()
    }

    private static func expressions(_ node: DocumentNode?) throws(MirrorDocumentError) -> [TagExpression] {
        var expressions: [TagExpression] = []
        for item in try node?.itemsOrItself() ?? [] {
            expressions.append(try item.parsed { text throws(TagExpressionError) in try TagExpression(text) })
        }
        return expressions
    }
}

extension MirrorDocument.PruneRules {
    fileprivate init(_ node: DocumentNode?) throws(MirrorDocumentError) {
        self.init()
        guard let node else { return }
        try node.check(keys: ["keep", "protect"])
        protected = try node.texts("protect").map(TextPattern.init)
        guard let keep = try node.child("keep") else { return }
        try keep.check(keys: ["newest", "olderThan"])
        newest = try keep.child("newest")?.count()
        olderThan = try keep.child("olderThan")?.parsed { text throws(CheckSettingError) in try AgeLimit(text) }
    }
}
