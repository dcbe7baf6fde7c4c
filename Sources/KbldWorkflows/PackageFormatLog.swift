public import ContainerImage
public import ImageStore
public import Packages

/// What the log says of a package that isn't kbld's own.
public enum PackageFormatLog {
    /// What indexes name and isn't there, as in archives of some platforms.
    public static func absent(from trees: [ImageTree]) -> [HintedText] {
        trees.filter { !$0.isComplete }.map { tree in
            let absent = tree.absent.map { $0.platform?.description ?? $0.digest.description }
            return "\(tree.reference) is not whole: \(absent.joined(separator: ", ")) isn't there"
        }
    }

    /// The format, and for a format without registry digests what each name comes to.
    public static func lines(_ package: some ImagePackage) -> [HintedText] {
        guard package.format != .kbld else { return [] }
        let format: HintedText = "'\(package.path)' is of the format \(package.format)"
        guard package.format == .dockerArchive else { return [format] + absent(from: package.trees) }
        let names = package.names.map { "\($0) is \($1) from now on" }.sorted().map { HintedText($0) }
        return [format + ", which has no digests of registries"] + names
    }
}
