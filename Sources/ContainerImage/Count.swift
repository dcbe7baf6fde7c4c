/// A number of things in words: `1 image`, `3 images`.
public enum Count {
    /// The number and the noun, in its plural unless there is one.
    ///
    /// - Parameter plural: That of the noun, where an `s` doesn't make it.
    public static func text(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// The first of many texts, and how many more there are: `a, b, c and 12 more`.
    ///
    /// - Parameter limit: How many are named at most.
    public static func first(_ texts: [String], atMost limit: Int = 5, separator: String = ", ") -> String {
        let named = texts.prefix(limit).joined(separator: separator)
        return texts.count > limit ? "\(named) and \(texts.count - limit) more" : named
    }
}
