/// A number of things in words: `1 image`, `3 images`.
public enum Count {
    /// The number and the noun, in its plural unless there is one.
    public static func text(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
