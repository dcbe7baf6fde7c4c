import ContainerImage
import KbldConfiguration

/// What is taken for a reference: what is written like one, and whatever an override or a source is for.
struct KnownReferences: Sendable {
    private let overrides: MatchedList<ImageOverride>
    private let sources: MatchedList<BuildSource>

    init(_ configuration: Configuration) {
        overrides = MatchedList(configuration.overrides, by: \.matcher)
        sources = MatchedList(configuration.sources, by: \.matcher)
    }

    func contains(_ text: String) -> Bool {
        if (try? ImageReference(text)) != nil || GoImport(text) != nil { return true }
        if overrides.first(for: text) != nil || sources.first(for: text) != nil { return true }
        return text.contains("@") && (try? PassedReference(text)) != nil
    }
}
