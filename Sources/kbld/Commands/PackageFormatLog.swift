import ContainerImage
import ImageStore
import Packages

/// What the log says of a package that isn't kbld's own.
enum PackageFormatLog {
    /// What indexes name and isn't there, as in archives of some platforms.
    static func absent(from trees: [ImageTree]) -> [String] {
        trees.filter { !$0.isComplete }.map { tree in
            let absent = tree.absent.map { $0.platform?.description ?? $0.digest.description }
            return "\(tree.reference) is not whole: \(absent.joined(separator: ", ")) isn't there"
        }
    }

    /// The format, and for a format without registry digests what each name comes to.
    static func lines(_ package: some ImagePackage) -> [String] {
        guard package.format != .kbld else { return [] }
        let format = "'\(package.path)' is of the format \(package.format)"
        guard package.format == .dockerArchive else { return [format] + absent(from: package.trees) }
        let names = package.names.map { "\($0) is \($1) from now on" }.sorted()
        return [format + ", which has no digests of registries"] + names
    }
}
