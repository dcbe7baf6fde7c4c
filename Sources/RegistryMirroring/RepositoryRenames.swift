/// Repositories that go elsewhere than the others, with all below them: the longest name that fits counts.
struct RepositoryRenames: Sendable {
    private let renames: [(old: String, new: String)]

    /// Creates renames; slashes at the ends of names mean nothing.
    init(_ renames: [(old: String, new: String)] = []) {
        self.renames = renames.map { (Self.trimmed($0.old), Self.trimmed($0.new)) }
            .sorted { $0.old.utf8.count > $1.old.utf8.count }
    }

    private static func trimmed(_ text: String) -> String { text.hasSuffix("/") ? String(text.dropLast()) : text }

    /// The new name of what has these names; nil where it has none.
    func name(of names: String...) -> String? {
        for (old, new) in renames {
            for name in names {
                if name == old { return new }
                if name.hasPrefix(old + "/") { return new + name.dropFirst(old.utf8.count) }
            }
        }
        return nil
    }
}
