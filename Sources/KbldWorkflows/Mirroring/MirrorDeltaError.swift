/// A delta in a format that has none.
struct MirrorDeltaError: Error, Sendable, CustomStringConvertible {
    let path: String

    var description: String { "Writing '\(path)': only kbld's own tarballs can omit layers that a base has" }
}
