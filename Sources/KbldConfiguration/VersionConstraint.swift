/// Which versions are wanted: `>=1.0.0 <2.0.0 || >3.0.0 !3.1.0`, `1.x`.
///
/// Comparisons (`=`, `==`, `!`, `!=`, `<`, `<=`, `>`, `>=`, or nothing for `=`) next to each other must all hold; `||`
/// separates alternatives. `x` in place of the patch, or of minor and patch, matches any number.
public struct VersionConstraint: Sendable, Hashable, CustomStringConvertible {
    /// The constraint as written.
    public let description: String
    private let alternatives: [[Comparison]]

    private struct Comparison: Sendable, Hashable {
        var relation: Relation
        var version: SemanticVersion
        /// Where the range ends that a wildcard leaves out.
        var end: SemanticVersion?
    }

    private enum Relation: Sendable, Hashable { case equal, unequal, less, lessOrEqual, greater, greaterOrEqual }

    /// Parses a constraint; one of spaces alone allows every version.
    ///
    /// - Throws: `VersionConstraintError` with the part that is wrong.
    public init(_ text: String) throws(VersionConstraintError) {
        var alternatives: [[Comparison]] = []
        var current: [Comparison] = []
        let parts = Self.parts(of: text)
        for part in parts {
            if part == "||" {
                guard !current.isEmpty else { throw VersionConstraintError(text: text, reason: .emptyAlternative) }
                alternatives.append(current)
                current = []
            } else {
                do {
                    current += try Self.comparisons(part)
                } catch {
                    throw VersionConstraintError(text: text, reason: error)
                }
            }
        }
        guard parts.isEmpty || !current.isEmpty else {
            throw VersionConstraintError(text: text, reason: .emptyAlternative)
        }
        if !current.isEmpty { alternatives.append(current) }
        description = text
        self.alternatives = alternatives
    }

    /// Whether `version` is wanted.
    public func allows(_ version: SemanticVersion) -> Bool {
        alternatives.isEmpty
            || alternatives.contains { comparisons in
                comparisons.allSatisfy { comparison in
                    switch comparison.relation {
                    case .equal: version == comparison.version
                    case .unequal:
                        comparison.end.map { version < comparison.version || version >= $0 }
                            ?? (version != comparison.version)
                    case .less: version < comparison.version
                    case .lessOrEqual: version <= comparison.version
                    case .greater: version > comparison.version
                    case .greaterOrEqual: version >= comparison.version
                    }
                }
            }
    }

    /// Splits at spaces, keeping an operator together with the version that follows it.
    private static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var current = ""
        func isOperator(_ character: Character?) -> Bool { character.map { "<>=!".contains($0) } ?? false }
        func finish() {
            if !current.isEmpty { parts.append(current) }
            current = ""
        }
        for character in text {
            switch character {
            case " ", "\t", "\n": if !isOperator(current.last) { finish() }
            case "|":
                if current == "|" {
                    current = "||"
                    finish()
                } else {
                    finish()
                    current = "|"
                }
            default: current.append(character)
            }
        }
        finish()
        return parts
    }

    private static func comparisons(_ part: String) throws(VersionConstraintError.Reason) -> [Comparison] {
        guard let start = part.firstIndex(where: { ("0"..."9").contains($0) }) else { throw .noVersion(part) }
        let relation: Relation
        switch part[..<start] {
        case "", "=", "==": relation = .equal
        case "!", "!=": relation = .unequal
        case "<": relation = .less
        case "<=": relation = .lessOrEqual
        case ">": relation = .greater
        case ">=": relation = .greaterOrEqual
        default: throw .badOperator(String(part[..<start]), part)
        }
        let numbers = part[start...].split(separator: ".", omittingEmptySubsequences: false)
        if (2...3).contains(numbers.count), numbers.last == "x" { return try wildcard(relation, numbers, part) }
        do {
            return [Comparison(relation: relation, version: try SemanticVersion(part[start...]))]
        } catch {
            throw .badVersion(error)
        }
    }

    /// `1.2.x` is the range from `1.2.0-0`, the lowest of its prereleases, up to `1.3.0-0`.
    private static func wildcard(
        _ relation: Relation,
        _ numbers: [Substring],
        _ part: String
    ) throws(VersionConstraintError.Reason) -> [Comparison] {
        guard let major = UInt64(numbers[0]), major < .max else { throw .noVersion(part) }
        var bounds = ["\(major).0.0-0", "\(major + 1).0.0-0"]
        if numbers.count == 3, numbers[1] != "x" {
            guard let minor = UInt64(numbers[1]), minor < .max else { throw .noVersion(part) }
            bounds = ["\(major).\(minor).0-0", "\(major).\(minor + 1).0-0"]
        }
        let (first, next): (SemanticVersion, SemanticVersion)
        do {
            first = try SemanticVersion(bounds[0])
            next = try SemanticVersion(bounds[1])
        } catch {
            throw .badVersion(error)
        }
        switch relation {
        case .equal:
            return [
                Comparison(relation: .greaterOrEqual, version: first), Comparison(relation: .less, version: next),
            ]
        case .unequal: return [Comparison(relation: .unequal, version: first, end: next)]
        case .less: return [Comparison(relation: .less, version: first)]
        case .lessOrEqual: return [Comparison(relation: .less, version: next)]
        case .greater: return [Comparison(relation: .greaterOrEqual, version: next)]
        case .greaterOrEqual: return [Comparison(relation: .greaterOrEqual, version: first)]
        }
    }
}

/// The reason a string is not a valid version constraint.
public struct VersionConstraintError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text that was given.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    /// What can be wrong with a constraint.
    public enum Reason: Error, Sendable, Hashable {
        /// On one side of `||` there is nothing.
        case emptyAlternative
        /// A part has no version.
        case noVersion(String)
        /// The text before the version is not an operator; the associated value is the whole part.
        case badOperator(String, String)
        /// The version isn't well-formed.
        case badVersion(SemanticVersionError)
    }

    /// What is wrong, with the text.
    public var description: String {
        switch reason {
        case .emptyAlternative: "version constraint '\(text)': there must be a comparison on both sides of '||'"
        case .noVersion(let part):
            "version constraint '\(text)': '\(part)' has no version; write it as in >=1.2.3 or 1.2.x"
        case .badOperator("v", let part):
            "version constraint '\(text)': '\(part)' must be written without the 'v'; tags with one match as well"
        case .badOperator(let sign, let part):
            "version constraint '\(text)': '\(sign)' in '\(part)' is none of = != ! < <= > >="
        case .badVersion(let error): "version constraint '\(text)': \(error)"
        }
    }
}
