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
        var files: [String: WrittenFile] = [:]
        entries = documents.resources.flatMap { resource -> [Entry] in
            let candidates = search.candidates(in: resource.value)
            guard !candidates.isEmpty else { return [] }
            let root = files[resource.file, default: WrittenFile(resource.file)].root(of: resource)
            let source = files[resource.file]?.source
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

    /// A file as it is written, where it can be read again: standard input and addresses can't.
    private struct WrittenFile {
        let source: YAMLSource?
        /// The resources that follow, in their order: documents, and what is in lists.
        private var pending: ArraySlice<Int>

        init(_ file: String) {
            source = (try? SmallFile.bytes(of: file, limit: 64 << 20)).flatMap { try? YAMLSource($0, file: file) }
            pending =
                source.map { source in source.documents.flatMap { Self.resources(at: $0, in: source) } }?[...] ?? []
        }

        private static func resources(at document: Int, in source: YAMLSource) -> [Int] {
            let position = source.resolved(document)
            guard case .map(let entries) = source.nodes[position].content,
                let entry = entries.last(where: { source.name(of: $0.key) == "items" }),
                case .list(let items) = source.nodes[source.resolved(entry.value)].content, !items.isEmpty
            else { return [document] }
            return items
        }

        /// Where a resource begins; those of a file are asked for in their order.
        mutating func root(of resource: YAMLDocument) -> Int? {
            guard let source else { return nil }
            guard let found = pending.firstIndex(where: { source.value(at: $0) == resource.value }) else { return nil }
            defer { pending = pending[(found + 1)...] }
            return source.resolved(pending[found])
        }
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
