public import KbldConfiguration

/// Which versions are wanted, as npm and Masterminds' semver write it: `>=1.27 <2`, `^1.2`, `~1.2.3`, `1.x || 2.x`.
///
/// Comparisons with spaces or commas between them must all hold; `||` separates alternatives. Numbers may be left out.
/// What a version has behind its numbers counts only where the range has such itself.
public struct VersionRange: Sendable, Hashable, CustomStringConvertible {
    /// The range as written.
    public let description: String
    private let alternatives: [[Comparison]]

    /// A half-open interval, or what is outside of one.
    private struct Comparison: Sendable, Hashable {
        var lower: SemanticVersion?
        var upper: SemanticVersion?
        /// Whether `upper` itself is in it.
        var includesUpper = false
        /// Whether `lower` itself is out of it.
        var excludesLower = false
        var isNegated = false
    }

    /// Whether it names a version with something behind its numbers.
    public var namesPrereleases: Bool {
        alternatives.joined().contains { [$0.lower, $0.upper].contains { $0?.prerelease.isEmpty == false } }
    }

    /// Parses a range.
    ///
    /// - Throws: `VersionRangeError` with the part that is wrong.
    public init(_ text: String) throws(VersionRangeError) {
        description = text
        var alternatives: [[Comparison]] = []
        for alternative in text.replacing("||", with: "|").split(separator: "|", omittingEmptySubsequences: false) {
            let words = Self.words(String(alternative))
            guard !words.isEmpty else { throw VersionRangeError(text: text, part: String(alternative)) }
            var comparisons: [Comparison] = []
            var position = 0
            while position < words.count {
                if position + 2 < words.count, words[position + 1] == "-" {
                    comparisons.append(try Self.comparison(">=" + words[position], of: text))
                    comparisons.append(try Self.comparison("<=" + words[position + 2], of: text))
                    position += 3
                } else {
                    comparisons.append(try Self.comparison(words[position], of: text))
                    position += 1
                }
            }
            alternatives.append(comparisons)
        }
        self.alternatives = alternatives
    }

    /// Whether `version` is wanted.
    public func allows(_ version: SemanticVersion) -> Bool {
        let numbers = Self.version(version.major, version.minor, version.patch)
        return alternatives.contains { comparisons in
            comparisons.allSatisfy { comparison in
                var isInside = true
                if let lower = comparison.lower {
                    let given = lower.prerelease.isEmpty ? numbers : version
                    isInside = comparison.excludesLower ? given > lower : given >= lower
                }
                if isInside, let upper = comparison.upper {
                    let given = upper.prerelease.isEmpty ? numbers : version
                    isInside = comparison.includesUpper ? given <= upper : given < upper
                }
                return isInside != comparison.isNegated
            }
        }
    }

    /// Splits at spaces and commas, with operators at the versions that follow them.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" || $0 == "\n" }) {
            if let last = words.last, last != "-", last.allSatisfy({ "<>=!~^".contains($0) }) {
                words[words.count - 1] += word
            } else {
                words.append(String(word))
            }
        }
        return words
    }

    private static func comparison(_ word: String, of text: String) throws(VersionRangeError) -> Comparison {
        let sign = word.prefix { "<>=!~^".contains($0) }
        guard let (first, next, caret) = bounds(word[sign.endIndex...]) else {
            throw VersionRangeError(text: text, part: word)
        }
        let isWhole = next == nil
        switch sign {
        case "", "=", "==":
            return isWhole
                ? Comparison(lower: first, upper: first, includesUpper: true)
                : Comparison(lower: first, upper: next?.end)
        case "!", "!=":
            return isWhole
                ? Comparison(lower: first, upper: first, includesUpper: true, isNegated: true)
                : Comparison(lower: first, upper: next?.end, isNegated: true)
        case "<": return Comparison(upper: first)
        case "<=": return isWhole ? Comparison(upper: first, includesUpper: true) : Comparison(upper: next?.end)
        case ">": return isWhole ? Comparison(lower: first, excludesLower: true) : Comparison(lower: next?.end)
        case ">=": return Comparison(lower: first)
        case "~", "~>":
            guard let first else { return Comparison() }
            let upper = next.map(\.end) ?? version(first.major, first.minor &+ 1, 0)
            return Comparison(lower: first, upper: upper)
        case "^": return Comparison(lower: first, upper: caret)
        default: throw VersionRangeError(text: text, part: word)
        }
    }

    /// Where the versions end that a shortened one stands for.
    private struct Next {
        var end: SemanticVersion?
    }

    /// The first version that a shortened one stands for, where its versions end if it is shortened, and where those end
    /// that are compatible with it.
    private static func bounds(
        _ text: Substring
    ) -> (first: SemanticVersion?, next: Next?, caret: SemanticVersion?)? {
        let bare = text.hasPrefix("v") ? text.dropFirst() : text
        let core = bare.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var numbers: [UInt64] = []
        for part in parts {
            if ["x", "X", "*"].contains(part) { break }
            guard part.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(part), number < 1 << 62 else {
                return nil
            }
            numbers.append(number)
        }
        let wildcards = parts.dropFirst(numbers.count)
        guard wildcards.allSatisfy({ ["x", "X", "*"].contains($0) }) else { return nil }
        guard !numbers.isEmpty else { return core.endIndex == bare.endIndex ? (nil, Next(end: nil), nil) : nil }
        let (major, minor, patch) = (numbers[0], numbers.dropFirst().first, numbers.dropFirst(2).first)
        let caret =
            major > 0 || minor == nil
            ? version(major + 1, 0, 0)
            : minor.map { minor in
                minor > 0 || patch == nil ? version(0, minor + 1, 0) : version(0, 0, (patch ?? 0) + 1)
            }
        if numbers.count == 3 {
            do {
                return (try SemanticVersion(bare), nil, caret ?? nil)
            } catch {
                return nil
            }
        }
        // Nothing can be behind numbers that are left out.
        guard core.endIndex == bare.endIndex else { return nil }
        let end = minor.map { version(major, $0 + 1, 0) } ?? version(major + 1, 0, 0)
        return (version(major, minor ?? 0, 0), Next(end: end), caret ?? nil)
    }

    private static func version(_ major: UInt64, _ minor: UInt64, _ patch: UInt64) -> SemanticVersion {
        do {
            return try SemanticVersion("\(major).\(minor).\(patch)")
        } catch {
            preconditionFailure("three numbers are a version")
        }
    }
}

/// The reason a text is not a range of versions.
public struct VersionRangeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text that was given.
    public let text: String
    /// The part that is wrong.
    public let part: String

    /// What is wrong, with examples of what is right.
    public var description: String {
        "'\(text)' is not a range of versions: '\(part)' can't be read; write it as '>=1.27 <2', '^1.2', '~1.2.3' or '1.x'"
    }
}
