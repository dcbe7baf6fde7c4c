import ContainerImage
import PackageArchive

/// What the log says of a package that isn't kbld's own.
enum ForeignPackage {
    /// The format, and for a format without registry digests what each name comes to.
    static func lines(_ package: some ImagePackage) -> [String] {
        guard package.format != .kbld else { return [] }
        let format = "'\(package.path)' is of the format \(package.format)"
        guard package.format == .dockerArchive else { return [format] }
        let names = package.names.map { "\($0) is \($1) from now on" }.sorted()
        return [format + ", which has no digests of registries"] + names
    }
}
