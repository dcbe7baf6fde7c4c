import Algorithms
public import ContainerImage
public import ImageStore
public import Packages

/// What the log says of a package that isn't kbld's own.
public enum PackageFormatLog {
    /// What indexes name and isn't there, as in archives of some platforms.
    public static func absent(from trees: [ImageTree]) -> [HintedText] {
        trees.filter { !$0.isComplete }.map { "\($0.reference) is sparse: \(absent($0)) not included" }
    }

    /// The platforms that aren't there of an index; digests of what has none.
    static func absent(_ tree: ImageTree) -> String {
        let images = tree.absent.filter { $0.platform?.isUnknown != true }
        return (images.isEmpty ? tree.absent : images)
            .map { $0.platform.flatMap { $0.isUnknown ? nil : $0.description } ?? $0.digest.description }
            .joined(separator: ", ")
    }

    /// What sparse indexes have of all that they name.
    public static func sparse(_ trees: [ImageTree]) -> [HintedText] {
        trees.flatMap(\.all).compactMap { tree in
            guard case .index(let branch) = tree, !branch.absent.isEmpty else { return nil }
            let (there, all) = (branch.children.count, branch.children.count + branch.absent.count)
            return "keeping \(there) of the \(all) images of \(branch.reference), under its own digest"
        }
    }

    /// What of `trees` a package of `format` doesn't hold: a docker-archive has no place for artifacts.
    static func leftOut(of trees: [ImageTree], in format: PackageOutputFormat) -> [HintedText] {
        guard format == .dockerArchive else { return [] }
        let artifacts = trees.filter(\.runnableImages.isEmpty).map(\.reference).uniqued().sorted()
        guard !artifacts.isEmpty else { return [] }
        let (shown, more) = (artifacts.prefix(3).map(\.description), artifacts.count - 3)
        return [
            HintedText(
                "leaving out \(Count.text(artifacts.count, "artifact")), which a docker-archive can't hold: "
                    + shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
            )
        ]
    }

    /// The format, and for a format without registry digests the new digest of each name.
    public static func lines(_ package: some ImagePackage) -> [HintedText] {
        guard package.format != .kbld else { return [] }
        let format: HintedText = "'\(package.path)' has the format \(package.format)"
        guard package.format == .dockerArchive else { return [format] + absent(from: package.trees) }
        let names = package.names.map { "\($0) -> \($1) (new digest)" }.sorted().map { HintedText($0) }
        return [format + ", which records no registry digests"] + names
    }
}
