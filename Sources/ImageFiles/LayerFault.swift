/// What is wrong with a layer, in words.
struct LayerFault: Error, Sendable {
    let reason: String
    /// The entry that has it, if it is one.
    var entry: String?

    init(_ reason: String, entry: String? = nil) {
        self.reason = reason
        self.entry = entry
    }
}
