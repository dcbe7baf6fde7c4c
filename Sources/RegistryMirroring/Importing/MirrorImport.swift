import ContainerImage
import ImageTransfer
import KbldConfiguration
public import KubernetesYAML

/// A mirror document made of another program's file, as far as that can be said in one.
public struct MirrorImport: Sendable {
    /// The programs whose files are read.
    public enum Format: String, Sendable, CaseIterable {
        /// regclient's regsync.
        case regsync
        /// What skopeo sync reads.
        case skopeo
        /// AliyunContainerService's image-syncer.
        case imageSyncer = "image-syncer"
        /// Rancher's hauler.
        case hauler
        /// oc-mirror's ImageSetConfiguration.
        case imageset
    }

    /// The entries of `images`.
    public internal(set) var images: [YAMLValue] = []
    /// Other keys of the document.
    public internal(set) var settings: [String: YAMLValue] = [:]
    /// What the document doesn't say though the file does: a line for each.
    public internal(set) var remarks: [String] = []
    /// Where the file has images go.
    var routes = MirrorRoutes()
    private var placement = MirrorRoutes.Placement()
    /// What the mirror is called: as the file, or as its program where it has no name.
    private let name: String

    /// Translates the documents of a file.
    ///
    /// - Throws: `MirrorImportError` where it is no file of that format.
    public init(_ documents: [YAMLValue], from format: Format, file: String) throws(MirrorImportError) {
        let stem = MirrorDocument.name(ofFile: file)
        name = stem.isEmpty ? format.rawValue : stem
        let found: Bool =
            switch format {
            case .regsync: readRegsync(documents)
            case .skopeo: readSkopeo(documents)
            case .imageSyncer: readImageSyncer(documents)
            case .hauler: readHauler(documents)
            case .imageset: readImageSet(documents)
            }
        guard found else { throw MirrorImportError(file: file, format: format) }
        placement = routes.placement()
    }

    /// The document.
    ///
    /// - Parameter target: What takes the place of the target that the file has; nil for that.
    public func text(target given: String?) -> String {
        var map: [String: YAMLValue] = settings
        map["apiVersion"] = .string(Configuration.apiVersion)
        map["kind"] = .string(MirrorDocument.kind)
        map["metadata"] = .map(["name": .string(name)])
        map["target"] = .string(given ?? placement.target ?? Self.placeholder)
        map["layout"] = .string(placement.layout.rawValue)
        if !placement.renames.isEmpty {
            map["map"] = .map(YAMLMap(placement.renames.mapValues { .string($0) }))
        }
        map["images"] = .list(images)
        let comments = remarks.map {
            "# not translated: \($0.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
        }.joined()
        return comments + YAMLWriter.text(of: .map(map))
    }

    /// Whether it is known where images go.
    public var hasTarget: Bool { placement.target != nil }

    /// A place that people have to replace.
    static let placeholder = "registry.example.com/mirror"

    // MARK: Entries

    /// Adds a reference, by tag or digest.
    ///
    /// - Parameter goal: Where the program puts it.
    mutating func add(image text: String, to goal: MirrorRoutes.Goal) {
        do {
            let reference = try ImageReference(text)
            let entry = YAMLValue.map(["image": .string(text)])
            guard takes(reference.repository, to: goal, text), !images.contains(entry) else { return }
            images.append(entry)
        } catch {
            remarks.append("\(text): \(error)")
        }
    }

    /// Adds a repository; no tags are all tags.
    ///
    /// - Parameter goal: Where the program puts it.
    mutating func add(repository text: String, tags: YAMLValue?, to goal: MirrorRoutes.Goal) {
        do {
            guard takes(try Repository(text), to: goal, text) else { return }
            if let error = Self.badExpression(in: tags) { return remarks.append("\(text): \(error)") }
            var entry: [String: YAMLValue] = ["repository": .string(text)]
            entry["tags"] = tags
            images.append(.map(entry))
        } catch {
            remarks.append("\(text): \(error)")
        }
    }

    private mutating func takes(_ source: Repository, to goal: MirrorRoutes.Goal, _ text: String) -> Bool {
        guard let reason = routes.add(source, to: goal) else { return true }
        remarks.append("\(text) to \(goal): \(reason)")
        return false
    }

    /// Programs in Go know expressions that Swift doesn't.
    private static func badExpression(in tags: YAMLValue?) -> TagExpressionError? {
        for key in ["regex", "exceptRegex"] {
            for text in tags?[key]?.listValue?.compactMap(\.stringValue) ?? [] {
                do {
                    _ = try TagExpression(text)
                } catch {
                    return error
                }
            }
        }
        return nil
    }

    /// Notes keys of a map that have no place in the document.
    mutating func note(keysOf map: YAMLMap, except known: Set<String>, in place: String) {
        for key in map.keys where !known.contains(key) { remarks.append("\(place): \(key)") }
    }

    /// A regular expression that fits whole tags wherever `text` fits a part of them.
    static func whole(_ text: String) -> String {
        // Anchors are those of one alternative.
        guard !text.contains("|") else { return ".*(?:\(text)).*" }
        let (isStart, isEnd) = (text.hasPrefix("^"), text.hasSuffix("$") && !text.hasSuffix("\\$"))
        let bare = text.dropFirst(isStart ? 1 : 0).dropLast(isEnd ? 1 : 0)
        return "\(isStart ? "" : ".*")(?:\(bare))\(isEnd ? "" : ".*")"
    }
}

/// A file that isn't of the format that it is said to be.
public struct MirrorImportError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let file: String
    /// The format.
    public let format: MirrorImport.Format

    /// What is wrong.
    public var description: String { "Reading '\(file)': it is not a file of \(format.rawValue)'s" }
}
