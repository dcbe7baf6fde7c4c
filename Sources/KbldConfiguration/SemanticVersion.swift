/// A version as semver.org 2.0.0 writes it: `1.2.3-rc.1+build`.
public struct SemanticVersion: Sendable, Hashable {
    /// The first number.
    public let major: UInt64
    /// The second number.
    public let minor: UInt64
    /// The third number.
    public let patch: UInt64
    /// The identifiers between `-` and `+`; empty for a release.
    public let prerelease: [Identifier]
    /// The identifiers after `+`.
    public let build: [Identifier]

    /// One part of a prerelease or build.
    public struct Identifier: Sendable, Hashable {
        /// The part as written.
        public let text: String
        /// Its number, where it is all digits.
        public let number: UInt64?
    }

    /// Parses `MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD]`, all three numbers without leading zeros.
    ///
    /// - Throws: `SemanticVersionError` with the part that is wrong.
    public init(_ text: some StringProtocol) throws(SemanticVersionError) {
        let whole = String(text)
        let halves = whole.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let front = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = front[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3 else { throw SemanticVersionError(text: whole, reason: .notThreeNumbers) }
        major = try Self.number(numbers[0], of: whole)
        minor = try Self.number(numbers[1], of: whole)
        patch = try Self.number(numbers[2], of: whole)
        prerelease = front.count == 2 ? try Self.identifiers(front[1], of: whole, leadingZeros: false) : []
        build = halves.count == 2 ? try Self.identifiers(halves[1], of: whole, leadingZeros: true) : []
    }

    /// The version that a tag names, with or without a leading `v`; nil for other tags, such as `3` or `4.5`.
    public init?(tag: String) {
        do {
            try self.init(tag.hasPrefix("v") ? tag.dropFirst() : tag[...])
        } catch {
            return nil
        }
    }

    /// Parses a version of which the last numbers may be left out: `0.30` is `0.30.0`.
    ///
    /// - Throws: `SemanticVersionError` as for a version in full.
    public init(shortened text: String) throws(SemanticVersionError) {
        let core = text.prefix { $0 != "-" && $0 != "+" }
        let missing = 2 - core.count(where: { $0 == "." })
        guard missing > 0 else {
            try self.init(text)
            return
        }
        do {
            try self.init(core + String(repeating: ".0", count: missing) + text[core.endIndex...])
        } catch {
            throw SemanticVersionError(text: text, reason: error.reason)
        }
    }

    /// The same without what tells builds apart.
    var withoutBuild: SemanticVersion {
        SemanticVersion(major: major, minor: minor, patch: patch, prerelease: prerelease, build: [])
    }

    private init(major: UInt64, minor: UInt64, patch: UInt64, prerelease: [Identifier], build: [Identifier]) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
        self.build = build
    }

    private static func number(_ part: Substring, of whole: String) throws(SemanticVersionError) -> UInt64 {
        guard !part.isEmpty, part.utf8.allSatisfy(isDigit), let number = UInt64(part) else {
            throw SemanticVersionError(text: whole, reason: .badNumber(String(part)))
        }
        guard part.utf8.count == 1 || part.first != "0" else {
            throw SemanticVersionError(text: whole, reason: .leadingZero(String(part)))
        }
        return number
    }

    private static func identifiers(
        _ text: Substring,
        of whole: String,
        leadingZeros: Bool
    ) throws(SemanticVersionError) -> [Identifier] {
        var identifiers: [Identifier] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard !part.isEmpty, part.utf8.allSatisfy({ isDigit($0) || isLetterOrHyphen($0) }) else {
                throw SemanticVersionError(text: whole, reason: .badIdentifier(String(part)))
            }
            let number = part.utf8.allSatisfy(isDigit) ? UInt64(part) : nil
            guard leadingZeros || number == nil || part.utf8.count == 1 || part.first != "0" else {
                throw SemanticVersionError(text: whole, reason: .leadingZero(String(part)))
            }
            identifiers.append(Identifier(text: String(part), number: number))
        }
        return identifiers
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isLetterOrHyphen(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "-")
    }
}

extension SemanticVersion: Comparable {
    /// Orders by precedence: a prerelease comes before its release. Among equals a version with a build comes after
    /// the one without, and builds are ordered as prereleases are; semver.org leaves that open.
    public static func < (left: Self, right: Self) -> Bool {
        let (mine, theirs) = ([left.major, left.minor, left.patch], [right.major, right.minor, right.patch])
        guard mine == theirs else { return mine.lexicographicallyPrecedes(theirs) }
        guard left.prerelease == right.prerelease else {
            if left.prerelease.isEmpty || right.prerelease.isEmpty { return right.prerelease.isEmpty }
            return left.prerelease.lexicographicallyPrecedes(right.prerelease)
        }
        return left.build.lexicographicallyPrecedes(right.build)
    }
}

extension SemanticVersion.Identifier: Comparable {
    /// Numbers by value and before texts, texts by their bytes.
    public static func < (left: Self, right: Self) -> Bool {
        switch (left.number, right.number) {
        case (let mine?, let theirs?) where mine != theirs: mine < theirs
        case (.some, nil): true
        case (nil, .some): false
        default: left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
        }
    }
}

extension SemanticVersion: CustomStringConvertible {
    /// `MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD]`.
    public var description: String {
        func joined(_ mark: String, _ parts: [Identifier]) -> String {
            parts.isEmpty ? "" : mark + parts.map(\.text).joined(separator: ".")
        }
        return "\(major).\(minor).\(patch)" + joined("-", prerelease) + joined("+", build)
    }
}

/// The reason a string is not a valid semantic version.
public struct SemanticVersionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text that was given.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    /// What can be wrong with a version.
    public enum Reason: Sendable, Hashable {
        /// There aren't three numbers with dots between them.
        case notThreeNumbers
        /// A number holds something else than digits, or is too large.
        case badNumber(String)
        /// A number begins with a zero that has no use.
        case leadingZero(String)
        /// A prerelease or build part is empty or holds a character that none may.
        case badIdentifier(String)
    }

    /// What is wrong, with the text.
    public var description: String {
        switch reason {
        case .notThreeNumbers: "'\(text)' is not a version: it must have three numbers, as in 1.2.3"
        case .badNumber(let part): "'\(text)' is not a version: '\(part)' is not a number"
        case .leadingZero(let part): "'\(text)' is not a version: '\(part)' must not begin with a zero"
        case .badIdentifier(let part):
            "'\(text)' is not a version: '\(part)' must be letters, digits and '-', and not empty"
        }
    }
}
