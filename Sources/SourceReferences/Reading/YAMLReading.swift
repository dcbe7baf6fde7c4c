import KbldConfiguration
import KubernetesYAML

/// Reads files of YAML and JSON.
struct YAMLReading {
    let source: YAMLSource
    let maker: ReferenceMaker
    /// The aliases of each value that has some.
    private let aliases: [Int: [Int]]
    private var references: [Int: SourceReference] = [:]
    /// The scalars that are references, or hold a part of one, and what of them is none.
    var blanked: [Int: String] = [:]
    /// The keys and values that come and go with a digest.
    var skipped: Set<Int> = []

    static func read(_ file: SourceFile, by rules: [SearchRule]) throws(SourceFileError) -> SourceReading {
        let source: YAMLSource
        do {
            source = try YAMLSource(file.bytes, file: file.path)
        } catch {
            throw SourceFileError(error, in: file)
        }
        let first = file.bytes.first { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }
        let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        var reading = YAMLReading(source: source, maker: ReferenceMaker(file, isJSON ? .none : .trailing))
        reading.add(source.documents.flatMap { findings(in: YAMLCursor(source, at: $0), of: file.kind, by: rules) })
        reading.addRepeated()
        var result = SourceReading()
        result.references = reading.references.values.sorted { $0.range.lowerBound < $1.range.lowerBound }
        result.skeleton = reading.skeleton()
        result.overlooked = reading.overlooked()
        return result
    }

    private init(source: YAMLSource, maker: ReferenceMaker) {
        self.source = source
        self.maker = maker
        var aliases: [Int: [Int]] = [:]
        for (position, node) in source.nodes.enumerated() {
            if case .alias(_, let target) = node.content { aliases[target, default: []].append(position) }
        }
        self.aliases = aliases
    }

    private static func findings(
        in root: YAMLCursor,
        of kind: SourceFileKind,
        by rules: [SearchRule]
    ) -> [Finding] {
        switch kind {
        case .compose: return PipelineFinders.compose(root)
        case .github: return PipelineFinders.github(root)
        case .gitlab: return PipelineFinders.gitlab(root)
        case .circleci: return PipelineFinders.circleci(root)
        case .drone, .woodpecker: return PipelineFinders.steps(root)
        case .cloudbuild: return PipelineFinders.cloudbuild(root)
        case .kustomize: return PipelineFinders.kustomize(root)
        case .helmValues: return PipelineFinders.helm(root)
        case .tekton where root["apiVersion"]?.text?.hasPrefix("tekton.dev/") == true:
            return PipelineFinders.tekton(root)
        case .kubernetes, .tekton, .quadlet, .list, .dockerfile:
            return KubernetesFinder(rules: rules).findings(in: root)
        }
    }

    private mutating func add(_ findings: [Finding]) {
        let visited = Set(findings.map(\.cursor.written))
        // An empty text is what people write for no image.
        for finding in findings where references[finding.cursor.position] == nil && finding.cursor.text != "" {
            references[finding.cursor.position] =
                switch finding.form {
                case .text(let prefix): text(finding, prefix: prefix, visited)
                case .nested(let texts): nested(finding, texts)
                case .kustomize: kustomize(finding)
                case .helm(let key): helm(finding, repositoryKey: key)
                }
        }
    }

    /// Adds the values of keys that are there twice: which of them counts is for each reader to say.
    private mutating func addRepeated() {
        for node in source.nodes {
            guard case .map(let entries) = node.content,
                entries.contains(where: { references[source.resolved($0.value)] != nil })
            else { continue }
            let last = Dictionary(entries.compactMap { entry in source.name(of: entry.key).map { ($0, entry) } }) { $1 }
            for entry in entries where references[source.resolved(entry.value)] == nil {
                guard let name = source.name(of: entry.key), let counted = last[name], counted.key != entry.key,
                    references[source.resolved(counted.value)] != nil,
                    case .scalar(let text, _) = source.nodes[entry.value].content, !text.isEmpty
                else { continue }
                references[entry.value] = maker.reference(
                    text,
                    at: content(of: source.nodes[entry.value]),
                    place: name,
                    slot: .none,
                    refusal: "its key is there again on line \(source.nodes[counted.key].line); remove one of them"
                )
            }
        }
    }

    // MARK: One value

    private mutating func text(_ finding: Finding, prefix: String, _ visited: Set<Int>) -> SourceReference {
        let node = finding.cursor.node
        let whole = finding.cursor.text ?? ""
        let text = String(whole.dropFirst(prefix.count))
        var content = content(of: node)
        let refusal = refusal(of: node) ?? aliasRefusal(of: finding.cursor, visited)
        let isExact = maker.bytes[content].elementsEqual(whole.utf8)
        if isExact { content = (content.lowerBound + prefix.utf8.count)..<content.upperBound }
        let slot = TextSlot(isExact: isExact, room: room(after: node))
        let reference = maker.reference(
            text,
            at: content,
            place: finding.place,
            slot: .text(slot),
            refusal: refusal,
            valueEnd: valueEnd(of: node)
        )
        if case .reference = reference.disposition { blanked[finding.cursor.position] = prefix }
        return reference
    }

    private func nested(_ finding: Finding, _ texts: [String]) -> SourceReference {
        var reference = maker.reference(
            texts.first ?? "",
            at: content(of: finding.cursor.node),
            place: finding.place,
            slot: .none,
            refusal: "it is in a text within the document; pin it where that text comes from",
            valueEnd: valueEnd(of: finding.cursor.node)
        )
        if texts.count > 1 { reference.place += " (\(texts.count) references)" }
        return reference
    }

    /// Where a scalar ends with its quotes; of a block of text that is nowhere on its last line.
    func valueEnd(of node: YAMLSource.Node) -> Int? {
        guard case .scalar(_, let style) = node.content, style != .literal, style != .folded else { return nil }
        return node.range.upperBound
    }

    /// The bytes of a scalar within its quotes.
    func content(of node: YAMLSource.Node) -> Range<Int> {
        guard case .scalar(_, let style) = node.content else { return node.range }
        let isQuoted = (style == .singleQuoted || style == .doubleQuoted) && node.range.count >= 2
        return isQuoted ? (node.range.lowerBound + 1)..<(node.range.upperBound - 1) : node.range
    }

    /// Why a scalar can't be edited, whatever it says.
    func refusal(of node: YAMLSource.Node) -> String? {
        guard case .scalar(_, let style) = node.content else { return "it is not a single value" }
        if style == .literal || style == .folded { return "it is a block of text; write it on the line of its key" }
        if let tag = node.tag {
            let short = tag.replacing("tag:yaml.org,2002:", with: "!!", maxReplacements: 1)
            return "it has the YAML tag \(short); remove that"
        }
        if maker.bytes[node.range].contains(0x0A) { return "it goes on over several lines; write it on one" }
        return nil
    }

    /// Why a value that has an alias can't be edited: that alias is used where something else than an image is meant.
    private func aliasRefusal(of cursor: YAMLCursor, _ visited: Set<Int>) -> String? {
        guard cursor.node.anchor != nil else { return nil }
        if let other = aliases[cursor.position]?.first(where: { !visited.contains($0) }) {
            return "its alias on line \(source.nodes[other].line) is used for something else than an image"
        }
        guard !visited.contains(cursor.position), !isFragment(cursor.position) else { return nil }
        return "its anchor on line \(cursor.node.line) is at something else than an image"
    }

    /// Whether a value is below one of the keys at the top that are there for aliases alone: `x-…` and `.…`.
    private func isFragment(_ position: Int) -> Bool {
        for document in source.documents {
            guard case .map(let entries) = source.nodes[document].content else { continue }
            for entry in entries {
                let range = source.nodes[source.resolved(entry.value)].range
                let isWithin =
                    entry.value == position
                    || range.contains(source.nodes[position].range.lowerBound)
                guard isWithin, let name = source.name(of: entry.key) else { continue }
                return name.hasPrefix("x-") || name.hasPrefix(".")
            }
        }
        return false
    }

    private func room(after node: YAMLSource.Node) -> TextSlot.CommentRoom {
        guard case .trailing = maker.comments.syntax, !node.isInFlow else { return .none }
        let end = maker.lines.content(maker.lines.index(of: node.range.upperBound)).upperBound
        let rest = maker.bytes[node.range.upperBound..<max(end, node.range.upperBound)]
        let next = rest.first { $0 != 0x20 && $0 != 0x09 }
        return next == nil || next == UInt8(ascii: "#") ? .trailing(node.range.upperBound) : .none
    }

    // MARK: Everything else

    private func skeleton() -> [String] {
        source.nodes.enumerated().compactMap { position, node -> String? in
            guard !skipped.contains(position) else { return nil }
            let properties = "\(node.anchor ?? "") \(node.tag ?? "")"
            switch node.content {
            case .list(let items): return "list \(items.count) \(properties)"
            case .map(let entries):
                return "map \(entries.count { !skipped.contains($0.key) }) \(properties)"
            case .alias(let name, _): return "alias \(name)"
            case .scalar(let text, let style):
                if let prefix = blanked[position] { return "reference \(properties) \(prefix)" }
                return "\(style) \(properties) \(text)"
            }
        }
    }

    /// The values that no image is looked for in: keys, config documents and locks, and what programs note of their work.
    private var passedOver: Set<Int> {
        var found: Set<Int> = []
        var pending: [Int] = []
        for node in source.nodes {
            guard case .map(let entries) = node.content else { continue }
            for entry in entries {
                found.insert(entry.key)
                guard let name = source.name(of: entry.key) else { continue }
                if Self.notes.contains(where: { name.hasPrefix($0) }) { pending.append(entry.value) }
            }
        }
        for document in source.documents {
            let version = YAMLCursor(source, at: document)["apiVersion"]?.text ?? ""
            if Self.settings.contains(where: { version.hasPrefix($0) }) { pending.append(document) }
        }
        while let position = pending.popLast() {
            guard found.insert(position).inserted else { continue }
            switch source.nodes[position].content {
            case .list(let items): pending += items
            case .map(let entries): pending += entries.map(\.value)
            case .scalar, .alias: break
            }
        }
        return found
    }

    private static let settings = ["kbld.k14s.io/", "imgpkg.carvel.dev/"]
    private static let notes = [
        "kbld.k14s.io/", "kbld.carvel.dev/", "kubectl.kubernetes.io/last-applied-configuration",
    ]

    private func overlooked() -> [SourceReference] {
        let passedOver = passedOver
        return source.nodes.enumerated().flatMap { position, node -> [SourceReference] in
            guard case .scalar(_, let style) = node.content, references[position] == nil, blanked[position] == nil,
                !passedOver.contains(position)
            else { return [] }
            return maker.overlooked(
                in: content(of: node),
                hasEscapes: style == .doubleQuoted,
                valueEnd: valueEnd(of: node)
            )
        }
    }
}
