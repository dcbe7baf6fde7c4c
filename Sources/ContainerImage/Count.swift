/// A number of things in words: `1 image`, `3 images`.
public enum Count {
    /// The number and the noun, in its plural unless there is one.
    ///
    /// - Parameter plural: That of the noun, where an `s` doesn't make it.
    public static func text(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}
