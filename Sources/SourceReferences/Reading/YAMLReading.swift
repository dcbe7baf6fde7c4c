import KbldConfiguration
import KubernetesYAML

/// Reads files of YAML and JSON.
struct YAMLReading {
    private let source: YAMLSource
    private let maker: ReferenceMaker
    /// The aliases of each value that has some.
    private let aliases: [Int: [Int]]
    private var references: [Int: SourceReference] = [:]
    /// The scalars that are references, or hold a part of one, and what of them is none.
    private var blanked: [Int: String] = [:]
    /// The keys and values that come and go with a digest.
    private var skipped: Set<Int> = []

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
    private func valueEnd(of node: YAMLSource.Node) -> Int? {
        guard case .scalar(_, let style) = node.content, style != .literal, style != .folded else { return nil }
        return node.range.upperBound
    }

    /// The bytes of a scalar within its quotes.
    private func content(of node: YAMLSource.Node) -> Range<Int> {
        guard case .scalar(_, let style) = node.content else { return node.range }
        let isQuoted = (style == .singleQuoted || style == .doubleQuoted) && node.range.count >= 2
        return isQuoted ? (node.range.lowerBound + 1)..<(node.range.upperBound - 1) : node.range
    }

    /// Why a scalar can't be edited, whatever it says.
    private func refusal(of node: YAMLSource.Node) -> String? {
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

    // MARK: Several fields

    private mutating func kustomize(_ finding: Finding) -> SourceReference {
        let map = finding.cursor
        let name = ([map["newName"], map["name"]].compactMap(\.self).first { !isNothing($0) })?.text ?? ""
        let tag = map["newTag"].flatMap { isNothing($0) ? nil : $0 }
        let digest = map["digest"]
        var text = name
        if let tag = tag?.text, !tag.isEmpty { text += ":\(tag)" }
        if let digest = digest?.text, !digest.isEmpty { text += "@\(digest)" }
        var slot = FieldSlot()
        slot.digest = digest?.node.range
        let last = map.entry("newTag") ?? map.entry("newName") ?? map.entry("name")
        if digest == nil, let last { slot.insertion = insertion(after: last, in: map) }
        if let entry = map.entry("digest") {
            slot.removal = removal(of: entry, in: map)
            skipped.formUnion([entry.key, entry.value])
        }
        let at = [map.entry("newTag")?.value, map.entry("digest")?.value, map.entry("name")?.value].compactMap(\.self)
            .first
        let node = source.nodes[at ?? map.position]
        let refusal = [tag, digest].compactMap { $0 }.compactMap { self.refusal(of: $0.node) }.first
        var reference = maker.reference(
            text,
            at: content(of: node),
            place: finding.place,
            slot: .fields(slot),
            refusal: refusal,
            valueEnd: valueEnd(of: node)
        )
        reference.lacksTag = tag == nil && digest == nil
        return reference
    }

    private mutating func helm(_ finding: Finding, repositoryKey: String) -> SourceReference {
        let map = finding.cursor
        let repository = map[repositoryKey]
        let tag = map["tag"]
        let digest = map["digest"]
        var text = repository?.text ?? ""
        if repositoryKey == "repository", let host = map["registry"]?.stringValue, !host.isEmpty {
            text = "\(host)/\(text)"
        }
        let tagText = tag.flatMap { isNothing($0) ? nil : $0.text } ?? ""
        if !tagText.isEmpty { text += ":\(tagText)" }
        var refusal: String?
        if let digest {
            if !isNothing(digest), let written = digest.text {
                text += "@\(written)"
            } else if !(digest.text ?? "").isEmpty {
                refusal = "its digest is '\(digest.text ?? "")'; write \"\""
            }
        }
        var slot = FieldSlot()
        if let digest, digest.written == digest.position {
            slot.digest = digest.node.range
            refusal = refusal ?? (digest.node.range.isEmpty ? nil : self.refusal(of: digest.node))
            blanked[digest.position] = ""
        }
        if let tag, tag.written == tag.position, !tagText.isEmpty {
            refusal = refusal ?? self.refusal(of: tag.node)
            slot.tag = content(of: tag.node)
            if slot.digest == nil { blanked[tag.position] = "" }
        }
        let node = (tagText.isEmpty ? repository?.node : tag?.node) ?? map.node
        var reference = maker.reference(
            text,
            at: content(of: node),
            place: finding.place,
            slot: .fields(slot),
            refusal: refusal,
            valueEnd: valueEnd(of: node)
        )
        reference.lacksTag = tagText.isEmpty && reference.parsed?.digest == nil
        reference.needsTagField = slot.digest == nil
        return reference
    }

    private func isNothing(_ cursor: YAMLCursor) -> Bool {
        let value = source.value(at: cursor.position)
        return value == .null || value == .string("")
    }

    /// Where a digest's field goes: after that of the tag.
    private func insertion(after entry: YAMLSource.Entry, in map: YAMLCursor) -> FieldSlot.Insertion? {
        let (key, value) = (source.nodes[entry.key], source.nodes[entry.value])
        guard !maker.bytes[value.range].contains(0x0A) else { return nil }
        if map.node.isInFlow {
            let quote = maker.bytes[key.range].first == UInt8(ascii: "\"") ? "\"" : ""
            return .init(offset: value.range.upperBound, before: ", \(quote)digest\(quote): \(quote)", after: quote)
        }
        let line = maker.lines.index(of: value.range.upperBound)
        let column = key.range.lowerBound - maker.lines.content(maker.lines.index(of: key.range.lowerBound)).lowerBound
        let indentation = String(repeating: " ", count: column)
        return .init(
            offset: maker.lines.content(line).upperBound,
            before: "\(maker.lines.lineBreak(near: line))\(indentation)digest: ",
            after: ""
        )
    }

    /// The bytes of a digest's field that can be removed without changing another.
    private func removal(of entry: YAMLSource.Entry, in map: YAMLCursor) -> Range<Int>? {
        guard case .map(let entries) = map.node.content,
            let index = entries.firstIndex(where: { $0.key == entry.key }), index > 0
        else { return nil }
        let end = source.nodes[entry.value].range.upperBound
        if map.node.isInFlow { return source.nodes[entries[index - 1].value].range.upperBound..<end }
        let line = maker.lines.index(of: source.nodes[entry.key].range.lowerBound)
        let content = maker.lines.content(line)
        let before = maker.bytes[content.lowerBound..<source.nodes[entry.key].range.lowerBound]
        guard line > 0, before.allSatisfy({ $0 == 0x20 }), content.upperBound == end else { return nil }
        return maker.lines.content(line - 1).upperBound..<content.upperBound
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
