import ContainerImage
public import KubernetesYAML

/// Looks for fields and kinds of config documents that mean nothing. They are ignored, as the original ignores them,
/// and are probably misspelt.
public enum ConfigurationReview {
    /// What a field holds.
    private indirect enum Field: Sendable {
        case anything
        case map([String: Field])
        case list(Field)
    }

    private static let matcher: [String: Field] = ["image": .anything, "imageRepo": .anything]
    private static let rules = rules(nested: .anything)
    private static let builders = Dictionary(uniqueKeysWithValues: ImageBuilder.names.map { ($0, Field.anything) })
    private static let platform: [String: Field] = Dictionary(
        uniqueKeysWithValues: [
            "os", "architecture", "variant", "os.version", "osVersion", "os.features", "osFeatures", "features",
        ].map { ($0, .anything) }
    )
    private static let versions: [String: Field] = [
        "semver": .map(["constraints": .anything, "prereleases": .map(["identifiers": .anything])])
    ]
    private static let document: [String: Field] = [
        "apiVersion": .anything, "kind": .anything, "metadata": .anything, "minimumRequiredVersion": .anything,
        "keys": .anything, "find": .anything, "allowNonReferences": .anything,
        "sources": .list(.map(matcher.merging(builders) { $1 }.merging(["path": .anything]) { $1 })),
        "destinations": .list(.map(matcher.merging(["newImage": .anything, "tags": .anything]) { $1 })),
        "overrides": .list(
            .map(
                matcher.merging([
                    "newImage": .anything, "preresolved": .anything, "origins": .anything,
                    "tagSelection": .map(versions), "platformSelection": .map(platform),
                ]) { $1 }
            )
        ),
        "searchRules": rules(nested: rules),
    ]

    private static func rules(nested: Field) -> Field {
        let strategy = Field.map(["searchRules": nested])
        return .list(
            .map([
                "keyMatcher": .map(["name": .anything, "path": .anything]),
                "valueMatcher": .map(matcher.merging(["pattern": .anything]) { $1 }), "resourceMatchers": .anything,
                "exclude": .anything,
                "updateStrategy": .map([
                    "none": .anything, "entireValue": .anything, "json": strategy, "yaml": strategy,
                ]),
            ])
        )
    }

    /// A line for each unknown field, and each unknown kind or version.
    public static func remarks(on documents: [YAMLDocument]) -> [String] {
        documents.flatMap { document -> [String] in
            guard let version = document.value["apiVersion"]?.stringValue, version.hasPrefix(group) else { return [] }
            let kind = document.value["kind"]?.stringValue ?? ""
            let place = "\(document.file), document \(document.index) (line \(document.line))"
            guard version == Configuration.apiVersion else {
                return [
                    "\(place): this is taken for a resource: the version '\(version)' is unknown; "
                        + "did you mean '\(Configuration.apiVersion)'?"
                ]
            }
            // It says what a registry is to have, and nothing of other documents.
            guard kind != mirrorKind else { return [] }
            guard Configuration.kinds.contains(kind) else {
                let known = Configuration.kinds.sorted()
                return [
                    "\(place): this is taken for a resource: the kind '\(kind)' is unknown; "
                        + (Spelling.nearest(to: kind, among: known).map { "did you mean '\($0)'?" }
                            ?? "known are \(known.joined(separator: ", "))")
                ]
            }
            return remarks(on: document.value, .map(Self.document), path: "").map { "\(place), kind \(kind): \($0)" }
        }
    }

    private static let mirrorKind = "Mirror"
    private static let group = "kbld.k14s.io/"

    private static func remarks(on value: YAMLValue, _ field: Field, path: String) -> [String] {
        switch field {
        case .anything: return []
        case .list(let inner):
            return (value.listValue ?? []).enumerated().flatMap { remarks(on: $1, inner, path: "\(path)[\($0)]") }
        case .map(let known):
            return (value.mapValue ?? [:]).flatMap { key, value -> [String] in
                let inside = path.isEmpty ? key : "\(path).\(key)"
                guard let inner = known.first(where: { $0.key.lowercased() == key.lowercased() }) else {
                    let nearest = Spelling.nearest(to: key, among: known.keys.sorted())
                    return [
                        "\(inside): this field is unknown and ignored"
                            + (nearest.map { "; did you mean '\($0)'?" } ?? "")
                    ]
                }
                return remarks(on: value, inner.value, path: inside)
            }
        }
    }
}
