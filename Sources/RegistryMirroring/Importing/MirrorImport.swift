import ContainerImage
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
    /// Where the file has images go, as text; nil where it doesn't say.
    var target: String?
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
    }

    /// The document.
    ///
    /// - Parameter target: Where images go; nil for where the file has them go.
    public func text(target given: String?) -> String {
        var map: [String: YAMLValue] = settings
        map["apiVersion"] = .string(Configuration.apiVersion)
        map["kind"] = .string(MirrorDocument.kind)
        map["metadata"] = .map(["name": .string(name)])
        map["target"] = .string(given ?? target ?? Self.placeholder)
        if map["layout"] == nil || given != nil { map["layout"] = "mirror-with-host" }
        map["images"] = .list(images)
        let comments = remarks.map {
            "# not translated: \($0.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
        }.joined()
        return comments + YAMLWriter.text(of: .map(map))
    }

    /// Whether it is known where images go.
    public var hasTarget: Bool { target != nil }

    /// A place that people have to replace.
    static let placeholder = "registry.example.com/mirror"

    // MARK: Entries

    /// Adds a reference, by tag or digest.
    mutating func add(image text: String) {
        do {
            _ = try ImageReference(text)
            let entry = YAMLValue.map(["image": .string(text)])
            if !images.contains(entry) { images.append(entry) }
        } catch {
            remarks.append("\(text): \(error)")
        }
    }

    /// Adds a repository; no tags are all tags.
    mutating func add(repository text: String, tags: YAMLValue?) {
        do {
            _ = try Repository(text)
            var entry: [String: YAMLValue] = ["repository": .string(text)]
            entry["tags"] = tags
            images.append(.map(entry))
        } catch {
            remarks.append("\(text): \(error)")
        }
    }

    /// Notes keys of a map that have no place in the document.
    mutating func note(keysOf map: YAMLMap, except known: Set<String>, in place: String) {
        for key in map.keys where !known.contains(key) { remarks.append("\(place): \(key)") }
    }

    /// A regular expression that fits whole tags wherever `text` fits a part of them.
    static func whole(_ text: String) -> String {
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
