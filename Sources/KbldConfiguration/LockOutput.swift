import Algorithms
public import KubernetesYAML

/// A config document that pins what was resolved: with it the same references give the same images again.
public struct LockOutput: Sendable, Hashable {
    /// The version of this program.
    public var minimumRequiredVersion: SemanticVersion
    /// The rules that were given, `Configuration.givenRules`.
    public var searchRules: [SearchRule]
    /// Where images were found beside the rules.
    public var finders: Set<ImageFinder> = []
    /// Whether what isn't a reference stays.
    public var keepsNonReferences = false
    /// Which references gave which images, in the order in which they are written.
    public var images: [Entry]

    /// A reference and the image that it gave.
    public struct Entry: Sendable, Hashable {
        /// The reference as written, or the repository of an override.
        public var matcher: ImageMatcher
        /// The image by digest.
        public var newImage: String

        /// Creates an entry.
        public init(matcher: ImageMatcher, newImage: String) {
            self.matcher = matcher
            self.newImage = newImage
        }
    }

    /// Creates a lock.
    public init(minimumRequiredVersion: SemanticVersion, searchRules: [SearchRule] = [], images: [Entry]) {
        self.minimumRequiredVersion = minimumRequiredVersion
        self.searchRules = searchRules
        self.images = images
    }

    /// The document, without duplicate entries.
    public var value: YAMLValue {
        var fields: [String: YAMLValue] = [
            "apiVersion": .string(Configuration.apiVersion),
            "kind": .string("Config"),
            "minimumRequiredVersion": .string(minimumRequiredVersion.description),
        ]
        let overrides = images.uniqued().map { entry in
            let target: [String: YAMLValue] = ["newImage": .string(entry.newImage), "preresolved": .bool(true)]
            return YAMLValue.map(target.merging(entry.matcher.fields) { first, _ in first })
        }
        if !overrides.isEmpty { fields["overrides"] = .list(overrides) }
        if keepsNonReferences { fields["allowNonReferences"] = .bool(true) }
        if !finders.isEmpty {
            fields["find"] = .list(finders.map(\.rawValue).sorted().map(YAMLValue.string))
        }
        if !searchRules.isEmpty { fields["searchRules"] = .list(searchRules.map(\.value)) }
        return .map(fields)
    }

    /// The file's text, which has no `---`.
    public var text: String { YAMLWriter.text(of: value) }
}
