import LibC

/// The names that images have on the way, as the original makes them.
enum TemporaryTag {
    /// `rand-<nanoseconds>-<digits>`: different at each call, and in the order of the calls.
    static func random() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
        let digits = (0..<5).map { _ in String(UInt8.random(in: 0...255)) }.joined()
        return "rand-\(nanoseconds)-\(digits)"
    }

    /// The tag of an image that isn't inspected yet.
    static func unstable(for image: String) -> String { "\(random())-\(trimmed(cleaned(image)))" }

    /// The tag that is the same for the same image: its name and ID.
    static func stable(for image: String, id: String) -> String {
        "\(trimmed(cleaned(image)))-\(cleaned(id))"
    }

    /// Runs of other characters than letters, digits and dashes become one dash.
    static func cleaned(_ text: String) -> String {
        var result = ""
        for character in text {
            let isKept = character.isASCII && (character.isLetter || character.isNumber || character == "-")
            if isKept { result.append(character) } else if !result.hasSuffix("\u{0}") { result.append("\u{0}") }
        }
        return result.replacing("\u{0}", with: "-")
    }

    /// The first 50 characters; the last of them is not a dash.
    static func trimmed(_ text: String) -> String {
        guard text.count > 50 else { return text }
        let start = text.prefix(50)
        return start.hasSuffix("-") ? start.dropLast() + "e" : String(start)
    }
}
