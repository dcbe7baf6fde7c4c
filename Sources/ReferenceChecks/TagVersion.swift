/// What can be compared of a tag: a version or a date, with what is before and behind it.
struct TagVersion: Hashable {
    /// How tags are ordered.
    enum Scheme: Hashable {
        /// By one to four numbers.
        case version(count: Int)
        /// By a date, YYYYMMDD.
        case date
    }

    let scheme: Scheme
    /// What is before the number: `v`, or with a date anything.
    let prefix: String
    /// The numbers, or the date as one.
    let numbers: [UInt64]
    /// What says that it isn't a release: `rc.1`; empty for one.
    let prerelease: [Part]
    /// What says which variant it is: `-alpine`.
    let suffix: String

    /// A part of a prerelease: numbers come before texts, as semver.org has it.
    enum Part: Hashable, Comparable {
        case number(UInt64)
        case text(String)
    }

    /// Parses a tag; nil for one that says nothing of its age.
    init?(_ tag: String) {
        if let date = Self(date: tag) {
            self = date
            return
        }
        var rest = Array(tag.utf8)[...]
        var prefix = ""
        if rest.first == UInt8(ascii: "v") || rest.first == UInt8(ascii: "V") {
            prefix = String(decoding: rest.prefix(1), as: UTF8.self)
            rest = rest.dropFirst()
        }
        var numbers: [UInt64] = []
        while numbers.count < 4, let number = Self.number(&rest) {
            numbers.append(number)
            guard rest.first == UInt8(ascii: "."), rest.dropFirst().first.map(Self.isDigit) == true, numbers.count < 4
            else { break }
            rest = rest.dropFirst()
        }
        guard !numbers.isEmpty, rest.first != UInt8(ascii: ".") else { return nil }
        // Single numbers that are large number builds, or are the beginning of a hash.
        if numbers.count == 1, numbers[0] >= 1000 { return nil }
        let (prerelease, suffix) = Self.prerelease(rest)
        // A letter right behind a number, as in 7c51: a hash, or something else.
        if prerelease.isEmpty, let first = suffix.utf8.first, !Self.separators.contains(first) { return nil }
        scheme = .version(count: numbers.count)
        self.prefix = prefix
        self.numbers = numbers
        self.prerelease = prerelease
        self.suffix = suffix
    }

    /// Whether both are ordered by the same scheme.
    func isComparable(to other: TagVersion) -> Bool {
        scheme == other.scheme && prefix == other.prefix && suffix == other.suffix
    }

    /// Whether it comes after `other`, to which it is comparable.
    func isNewer(than other: TagVersion) -> Bool {
        guard numbers == other.numbers else { return other.numbers.lexicographicallyPrecedes(numbers) }
        if prerelease.isEmpty || other.prerelease.isEmpty { return prerelease.isEmpty && !other.prerelease.isEmpty }
        return other.prerelease.lexicographicallyPrecedes(prerelease)
    }

    // MARK: Reading

    private static let separators = Set("-_+.".utf8)

    private static let prereleaseWords: Set<String> = [
        "a", "alpha", "b", "beta", "c", "canary", "dev", "develop", "ea", "edge", "experimental", "m", "milestone",
        "nightly", "pre", "preview", "prerelease", "rc", "snapshot", "test", "unstable",
    ]

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        let digits = rest.prefix(while: isDigit)
        guard !digits.isEmpty, digits.count <= 18, let number = UInt64(String(decoding: digits, as: UTF8.self)) else {
            return nil
        }
        rest = rest[digits.endIndex...]
        return number
    }

    /// What a tag says behind its numbers: `-rc.1-alpine` is a prerelease and a variant.
    private static func prerelease(_ bytes: ArraySlice<UInt8>) -> ([Part], suffix: String) {
        let whole = String(decoding: bytes, as: UTF8.self)
        var rest = bytes
        if let first = rest.first, separators.contains(first) { rest = rest.dropFirst() }
        let word = rest.prefix(while: isLetter)
        let text = String(decoding: word, as: UTF8.self).lowercased()
        guard prereleaseWords.contains(text) else { return ([], whole) }
        rest = rest[word.endIndex...]
        var parts: [Part] = [.text(text)]
        // Single letters are short forms only where a number follows at once: 3.13a1, but not 1.0-a.
        if text.count == 1, rest.first.map(isDigit) != true { return ([], whole) }
        while let first = rest.first {
            if !isDigit(first) {
                guard separators.contains(first), rest.dropFirst().first.map(isDigit) == true else { break }
                rest = rest.dropFirst()
            }
            guard let number = number(&rest) else { break }
            parts.append(.number(number))
        }
        return (parts, String(decoding: rest, as: UTF8.self))
    }

    /// Parses a tag with a date in it that no digits are beside.
    private init?(date tag: String) {
        let bytes = Array(tag.utf8)
        var position = 0
        while position < bytes.count {
            let run = bytes[position...].prefix(while: Self.isDigit)
            guard !run.isEmpty else {
                position += 1
                continue
            }
            if run.count == 8, let date = UInt64(String(decoding: run, as: UTF8.self)), Self.isDate(date) {
                let prefix = bytes[..<run.startIndex]
                // A version before the date has more to say: 1.27.0-20240501.
                guard !(prefix.contains(UInt8(ascii: ".")) && prefix.contains(where: Self.isDigit)) else { return nil }
                scheme = .date
                self.prefix = String(decoding: prefix, as: UTF8.self)
                numbers = [date]
                prerelease = []
                suffix = String(decoding: bytes[run.endIndex...], as: UTF8.self)
                return
            }
            position = run.endIndex
        }
        return nil
    }

    private static func isDate(_ date: UInt64) -> Bool {
        (1990...2199).contains(date / 10000) && (1...12).contains(date / 100 % 100) && (1...31).contains(date % 100)
    }
}
