public import KbldConfiguration

extension SourceFile {
    /// The file with `edits`, read again and compared.
    ///
    /// - Parameter rules: Those that the references were found by.
    /// - Throws: `SourceFileError` where it would say anything else that it said before.
    public func applying(
        _ edits: [SourceEdit],
        by rules: [SearchRule] = SearchRule.defaults
    ) throws(SourceFileError) -> SourceFile {
        guard !edits.isEmpty else { return self }
        let sorted = edits.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var written: [UInt8] = []
        written.reserveCapacity(bytes.count + edits.count * 80)
        var position = 0
        for edit in sorted {
            guard edit.range.lowerBound >= position, edit.range.upperBound <= bytes.count else {
                throw failure(at: edit.range.lowerBound, "two edits are at the same place")
            }
            written += bytes[position..<edit.range.lowerBound]
            written += edit.replacement.utf8
            position = edit.range.upperBound
        }
        written += bytes[position...]
        let edited = SourceFile(path: path, bytes: written, kind: kind)
        try compare(with: edited, sorted, by: rules)
        return edited
    }

    private func compare(
        with edited: SourceFile,
        _ edits: [SourceEdit],
        by rules: [SearchRule]
    ) throws(SourceFileError) {
        let before = try read(by: rules)
        let after: SourceReading
        do {
            after = try edited.read(by: rules)
        } catch {
            throw failure(
                at: edits.first?.range.lowerBound ?? 0,
                "edited, it couldn't be read any more (\(error.reason))"
            )
        }
        guard before.skeleton == after.skeleton, before.references.count == after.references.count else {
            throw failure(at: edits.first?.range.lowerBound ?? 0, "edited, it would say something else")
        }
        for (old, new) in zip(before.references, after.references) {
            let isSame = old.parsed == new.parsed && old.disposition == new.disposition && old.text == new.text
            if isSame, old.place == new.place { continue }
            let isTouched = edits.contains { Self.touches($0, old) }
            let isRenamed = edits.contains { $0.range.contains(old.range.lowerBound) }
            let isSameImage =
                new.parsed != nil && new.disposition == .reference && (old.repository == new.repository || isRenamed)
            guard old.place == new.place, isTouched, isSameImage else {
                throw failure(at: old.range.lowerBound, "edited, '\(old.text)' would become '\(new.text)'")
            }
        }
    }

    /// Whether an edit is at one of the places where a reference is written.
    private static func touches(_ edit: SourceEdit, _ reference: SourceReference) -> Bool {
        func meets(_ range: Range<Int>?) -> Bool {
            range.map { edit.range.lowerBound <= $0.upperBound && edit.range.upperBound >= $0.lowerBound } ?? false
        }
        switch reference.slot {
        case .none: return false
        case .text: return meets(reference.range)
        case .fields(let slot):
            return meets(slot.digest) || meets(slot.tag) || meets(slot.removal)
                || edit.range.lowerBound == slot.insertion?.offset
        }
    }

    private func failure(at offset: Int, _ reason: String) -> SourceFileError {
        let position = LineTable(of: bytes).position(offset)
        return SourceFileError(path: path, line: position.line, column: position.column, reason: reason)
    }
}
