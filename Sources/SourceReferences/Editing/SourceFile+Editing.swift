public import ContainerImage

extension SourceFile {
    /// What it takes to write `digest` at `reference`, which is one of this file's; empty where it is written already.
    ///
    /// A tag that is implied is written out: `nginx` becomes `nginx:latest@sha256:…`.
    ///
    /// - Parameters:
    ///   - form: How it is written; nil for the form that it has, `tagAndDigest` where it has none yet.
    ///   - name: What takes the place of the name, where the image is elsewhere.
    ///   - usesTagField: Whether the digest may go into the field of the tag where it has none of its own.
    /// - Throws: `SourceFileError` where the reference can't be edited.
    public func edits(
        pinning reference: SourceReference,
        to digest: Digest,
        as form: PinForm? = nil,
        named name: String? = nil,
        usesTagField: Bool = false
    ) throws(SourceFileError) -> [SourceEdit] {
        guard let parsed = reference.parsed else { throw error(reference, "it is not a reference") }
        switch reference.slot {
        case .none:
            if case .unsupported(let reason) = reference.disposition { throw error(reference, reason) }
            throw error(reference, "it can't be edited")
        case .fields(let slot):
            guard name == nil || name == parsed.name else { throw error(reference, "its name is in several fields") }
            return try edits(writing: digest, into: slot, of: reference, usesTagField: usesTagField)
        case .text(let slot):
            var new = parsed
            if let name { new.name = name }
            new.digest = digest
            let form = form ?? (parsed.digest != nil && parsed.tag == nil ? .digest : .tagAndDigest)
            if form == .tagAndDigest {
                new.tag = reference.tag ?? (parsed.digest == nil ? .latest : nil)
                return [try edit(reference, slot, to: "\(new)", keepsName: name == nil)].compactMap(\.self)
                    + (parsed.tag == nil && new.tag != nil ? noteRemoval(slot) : [])
            }
            var unpinned = parsed
            unpinned.digest = nil
            unpinned.name = new.name
            new.tag = nil
            let change = try edit(reference, slot, to: "\(new)", keepsName: name == nil)
            // What was pinned without a tag has nothing to note; what is noted stays.
            guard slot.note == nil, parsed.digest == nil || parsed.tag != nil else {
                return [change].compactMap(\.self)
            }
            return [change, try note("\(unpinned)", slot, reference)].compactMap(\.self)
        }
    }

    /// What it takes to remove the digest from `reference`; empty where there is none, or no tag is known.
    ///
    /// - Throws: `SourceFileError` where the reference can't be edited.
    public func edits(unpinning reference: SourceReference) throws(SourceFileError) -> [SourceEdit] {
        guard let parsed = reference.parsed, parsed.digest != nil, reference.tag != nil else { return [] }
        switch reference.slot {
        case .none: throw error(reference, "it can't be edited")
        case .text(let slot):
            var new = parsed
            new.digest = nil
            if parsed.tag == nil { new = reference.note ?? new }
            return [try edit(reference, slot, to: "\(new)")].compactMap(\.self)
                + (parsed.tag == nil ? noteRemoval(slot) : [])
        case .fields(let slot): return try edits(clearing: slot, of: reference)
        }
    }

    private func error(_ reference: SourceReference, _ reason: String) -> SourceFileError {
        SourceFileError(
            path: path,
            line: reference.start.line,
            column: reference.start.column,
            reason: "'\(reference.text)': \(reason)"
        )
    }

    // MARK: One value

    /// The smallest edit that makes the reference `text`: what is the same at its beginning stays as it is written.
    private func edit(
        _ reference: SourceReference,
        _ slot: TextSlot,
        to text: String,
        keepsName: Bool = true
    ) throws(SourceFileError) -> SourceEdit? {
        let (old, new) = (Array(reference.text.utf8), Array(text.utf8))
        guard old != new else { return nil }
        let shared = keepsName ? zip(old, new).prefix { $0 == $1 }.count : 0
        let start = reference.range.upperBound - (old.count - shared)
        let isAsWritten =
            slot.isExact
            || (start >= reference.range.lowerBound
                && bytes[start..<reference.range.upperBound].elementsEqual(old[shared...]))
        guard isAsWritten else { throw error(reference, "it is written with escapes; write it without") }
        return SourceEdit(
            range: start..<reference.range.upperBound,
            replacement: String(decoding: new[shared...], as: UTF8.self)
        )
    }

    private func noteRemoval(_ slot: TextSlot) -> [SourceEdit] {
        slot.note.map { [SourceEdit(range: $0.range, replacement: "")] } ?? []
    }

    private func note(
        _ text: String,
        _ slot: TextSlot,
        _ reference: SourceReference
    ) throws(SourceFileError) -> SourceEdit {
        switch slot.room {
        case .none:
            throw error(reference, "there is no room for a comment with its tag; write tag and digest")
        case .trailing(let offset): return SourceEdit(range: offset..<offset, replacement: " # \(text)")
        case .lineBefore(let start):
            let lines = LineTable(of: bytes)
            let line = lines.index(of: start)
            let replacement = "\(lines.indentation(line))# \(text)\(lines.lineBreak(near: line))"
            return SourceEdit(range: start..<start, replacement: replacement)
        }
    }

    // MARK: Several fields

    private func edits(
        writing digest: Digest,
        into slot: FieldSlot,
        of reference: SourceReference,
        usesTagField: Bool
    ) throws(SourceFileError) -> [SourceEdit] {
        guard reference.parsed?.digest != digest else { return [] }
        if let range = slot.digest {
            guard let first = bytes[range].first else { return [SourceEdit(range: range, replacement: " \(digest)")] }
            let isQuoted = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
            let content = isQuoted ? (range.lowerBound + 1)..<(range.upperBound - 1) : range
            return [SourceEdit(range: content, replacement: "\(digest)")]
        }
        if let insertion = slot.insertion {
            let offset = insertion.offset
            let text = "\(insertion.before)\(digest)\(insertion.after)"
            return [SourceEdit(range: offset..<offset, replacement: text)]
        }
        guard let tag = slot.tag, usesTagField else {
            throw error(reference, "there is no field for its digest")
        }
        let start = bytes[tag].firstIndex(of: UInt8(ascii: "@")) ?? tag.upperBound
        return [SourceEdit(range: start..<tag.upperBound, replacement: "@\(digest)")]
    }

    private func edits(clearing slot: FieldSlot, of reference: SourceReference) throws(SourceFileError) -> [SourceEdit]
    {
        if let tag = slot.tag, let start = bytes[tag].firstIndex(of: UInt8(ascii: "@")) {
            return [SourceEdit(range: start..<tag.upperBound, replacement: "")]
        }
        if kind == .kustomize {
            guard let removal = slot.removal else { throw error(reference, "its digest is not on a line of its own") }
            return [SourceEdit(range: removal, replacement: "")]
        }
        guard let range = slot.digest, let first = bytes[range].first else { return [] }
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
            return [SourceEdit(range: (range.lowerBound + 1)..<(range.upperBound - 1), replacement: "")]
        }
        // Nothing is written right after the colon.
        let colon = bytes[..<range.lowerBound].lastIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? range.lowerBound
        return [SourceEdit(range: colon..<range.upperBound, replacement: "")]
    }
}
