/// What a file was read as: its references, and everything else that it says.
struct SourceReading {
    /// In the order in which they are written.
    var references: [SourceReference] = []
    /// What the file says with its references left out; comments and layout aren't in it.
    var skeleton: [String] = []
    /// Texts that could be references, in places where none are looked for.
    var overlooked: [SourceReference] = []
}

/// Makes references of what was found in a file.
struct ReferenceMaker {
    let bytes: [UInt8]
    let lines: LineTable
    let comments: LineComments
    let kind: SourceFileKind

    init(_ file: SourceFile, _ syntax: LineComments.Syntax) {
        bytes = file.bytes
        lines = LineTable(of: file.bytes)
        comments = LineComments(bytes: file.bytes, lines: lines, syntax: syntax)
        kind = file.kind
    }

    /// A reference of this text that is written at `range`.
    ///
    /// - Parameter valueEnd: Where the value ends that it is in, with its quotes; comments come behind it.
    func reference(
        _ text: String,
        at range: Range<Int>,
        place: String,
        slot: ReferenceSlot,
        refusal: String? = nil,
        valueEnd: Int? = nil
    ) -> SourceReference {
        // A block of text has line breaks at its end that nobody means.
        let text = refusal == nil ? text : String(text.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
        var reference = SourceReference(
            text: text,
            parsed: nil,
            disposition: .reference,
            range: range,
            start: lines.position(range.lowerBound),
            end: lines.position(range.upperBound),
            place: place,
            ignored: comments.ignored(from: range.lowerBound, to: max(range.upperBound, valueEnd ?? 0)),
            slot: slot
        )
        if isInterpolated(text) {
            reference.disposition = .interpolated
        } else {
            do {
                reference.parsed = try WrittenReference(text)
                if let refusal { reference.disposition = .unsupported(refusal) }
            } catch {
                reference.disposition = .invalid("\(error)")
            }
        }
        if case .reference = reference.disposition {} else { reference.slot = .none }
        if case .text(var slot) = reference.slot, reference.parsed?.tag == nil, reference.isPinned {
            slot.note = note(for: reference, slot)
            reference.slot = .text(slot)
            reference.note = slot.note.flatMap { try? WrittenReference($0.text) }
        }
        return reference
    }

    /// Whether there are variables in the text, or actions of a template.
    private func isInterpolated(_ text: String) -> Bool {
        text.contains("$") || text.contains("{{") || text.contains("<<") || text.contains("((")
            || (kind == .quadlet && text.contains("%"))
    }

    /// The comment that notes the tag of a reference by digest.
    private func note(for reference: SourceReference, _ slot: TextSlot) -> TextSlot.Note? {
        switch slot.room {
        case .none: return nil
        case .trailing(let offset):
            guard let comment = comments.trailing(after: offset),
                bytes[offset..<comment.lowerBound].allSatisfy({ $0 == 0x20 || $0 == 0x09 })
            else { return nil }
            var start = comment.lowerBound + 1
            while start < comment.upperBound, bytes[start] == 0x20 { start += 1 }
            let word = bytes[start..<comment.upperBound].prefix { $0 != 0x20 && $0 != 0x09 }
            return noted(word, for: reference).map { .init(text: $0, range: offset..<word.endIndex) }
        case .lineBefore(let start):
            let line = lines.index(of: start)
            guard line > 0, let comment = comments.alone(on: line - 1) else { return nil }
            let word = bytes[comment].dropFirst().drop { $0 == 0x20 }
            return noted(word, for: reference).map {
                .init(text: $0, range: lines.content(line - 1).lowerBound..<start)
            }
        }
    }

    /// The text of a note, with what another program writes before it cut off.
    private func noted(_ word: ArraySlice<UInt8>, for reference: SourceReference) -> String? {
        let text = String(decoding: word, as: UTF8.self)
        let name = text.hasPrefix("ratchet:") ? String(text.dropFirst("ratchet:".count)) : text
        guard let parsed = try? WrittenReference(name), parsed.digest == nil,
            let repository = try? parsed.repository, repository == reference.repository
        else { return nil }
        return name
    }
}
