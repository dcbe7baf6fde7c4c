import KubernetesYAML

/// References whose parts are in several fields: of kustomizations, and of charts' values.
extension YAMLReading {
    mutating func kustomize(_ finding: Finding) -> SourceReference {
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

    mutating func helm(_ finding: Finding, repositoryKey: String) -> SourceReference {
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
}
