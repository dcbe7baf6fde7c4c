import ContainerImage
import DocumentInput
import KbldConfiguration
import KubernetesYAML
import Resolution

/// What looks like an image in documents, and isn't taken for one.
public struct CandidateListing: Sendable {
    /// One candidate.
    public struct Entry: Sendable {
        /// The reference.
        public let reference: String
        /// Its file, line and field: `app.yml:12, spec.proxy`.
        public let place: String
        /// What would take it: a `find` or a search rule of a config document.
        public let rule: String
    }

    /// The candidates, in the order of the documents.
    public let entries: [Entry]

    /// Reads documents; no registry is asked.
    ///
    /// - Throws: What is wrong with the documents.
    public init(of files: [String], in context: WorkflowContext) async throws {
        let documents = try await context.documents(in: files)
        let search = CandidateSearch(documents.configuration)
        var sources: [String: YAMLSource?] = [:]
        entries = documents.resources.flatMap { resource -> [Entry] in
            let candidates = search.candidates(in: resource.value)
            guard !candidates.isEmpty else { return [] }
            let source = sources[resource.file] ?? Self.source(resource.file)
            sources[resource.file] = .some(source)
            let root = source.flatMap { Self.root(of: resource, in: $0) }
            return candidates.map { candidate in
                let line = source.flatMap { source in
                    root.map { Self.line(of: candidate.path, from: $0, in: source) }
                }
                return Entry(
                    reference: candidate.reference,
                    place: "\(resource.file):\(line ?? resource.line), \(Self.text(of: candidate.path))",
                    rule: Self.text(of: candidate.suggestion)
                )
            }
        }
    }

    /// The file as it is written, where it can be read again: standard input and addresses can't.
    private static func source(_ file: String) -> YAMLSource? {
        guard let bytes = try? SmallFile.bytes(of: file, limit: 64 << 20) else { return nil }
        return try? YAMLSource(bytes, file: file)
    }

    private static func root(of resource: YAMLDocument, in source: YAMLSource) -> Int? {
        if source.documents.indices.contains(resource.index - 1),
            source.value(at: source.documents[resource.index - 1]) == resource.value
        {
            return source.documents[resource.index - 1]
        }
        return source.documents.first { source.value(at: $0) == resource.value }
    }

    private static func line(of path: [SearchRule.PathPart], from root: Int, in source: YAMLSource) -> Int {
        var position = source.resolved(root)
        for part in path {
            switch (part, source.nodes[position].content) {
            case (.key(let key), .map(let entries)):
                guard let entry = entries.last(where: { source.name(of: $0.key) == key }) else {
                    return source.nodes[position].line
                }
                position = source.resolved(entry.value)
            case (.index(let index), .list(let items)) where items.indices.contains(index):
                position = source.resolved(items[index])
            default: return source.nodes[position].line
            }
        }
        return source.nodes[position].line
    }

    private static func text(of path: [SearchRule.PathPart]) -> String {
        var text = ""
        for part in path {
            switch part {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            case .allIndexes: text += "[*]"
            }
        }
        return text
    }

    private static func text(of suggestion: ReferenceCandidate.Suggestion) -> String {
        switch suggestion {
        case .finder(let finder): "find: [\(finder.rawValue)]"
        case .allFinders: "find: [\(ImageFinder.allName)]"
        case .rule(let rule): JSONWriter.compactText(of: ["searchRules": [rule.value]])
        }
    }
}
