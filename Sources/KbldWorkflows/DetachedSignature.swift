/// A package's signature in a file beside it.
enum DetachedSignature {
    /// Where it is: beside a folder, and not in it, too.
    static func path(of package: String) -> String {
        var stem = package[...]
        while stem.count > 1, stem.hasSuffix("/") { stem.removeLast() }
        return stem + ".sigstore.json"
    }
}
