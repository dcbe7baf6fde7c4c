/// A place beside the key `image` in which images are found when it is asked for.
public enum ImageFinder: String, Sendable, Hashable, CaseIterable {
    /// Environment variables: `RELATED_IMAGE_*`, `*_IMAGE` and `*_IMAGES`.
    case env
    /// Arguments: `--…image=REF`, and `--FLAG=REF` of a registry that is named.
    case args
    /// Fields of custom resources that aren't called `image`.
    case crds
    /// Annotations: `artifacthub.io/images`, `helm.sh/images`, `containerImage` and others named after images.
    case annotations
    /// Maps of `repository` and `tag` or `digest`, with or without `registry`.
    case objects
    /// Values of ConfigMaps that are references, and YAML or JSON in texts.
    case texts
    /// Addresses that begin with `oci://` or `docker://`.
    case oci
    /// The `images` of kustomizations.
    case kustomizations

    /// What a list of names means; `all` is all of them.
    ///
    /// - Returns: nil for a name that is unknown.
    public static func named(_ name: String) -> Set<ImageFinder>? {
        name == allName ? Set(allCases) : ImageFinder(rawValue: name).map { [$0] }
    }

    /// The name of all finders together.
    public static let allName = "all"

    /// All names, for messages.
    public static let names = allCases.map(\.rawValue) + [allName]
}
