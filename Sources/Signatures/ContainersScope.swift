/// Transports and scopes that a containers-policy.json may have: what could never match is a mistake.
enum ContainersScope {
    /// The transports of containers/image; the empty one is for signatures without any.
    static let transports = [
        "docker", "docker-daemon", "docker-archive", "oci", "oci-archive", "dir", "atomic", "containers-storage",
        "tarball", "sif", "ostree", "",
    ]

    /// Why no image of a registry is ever in `scope`; nil where one may be.
    static func problem(_ scope: String) -> String? {
        if scope.isEmpty { return nil }
        if scope.contains("://") { return "write it without '\(scope.prefix { $0 != ":" })://'" }
        if scope.hasSuffix("/") { return "write it without the '/' at its end" }
        if scope.hasPrefix("/") || scope.contains("//") { return "a part between '/' is empty" }
        if scope.prefix(while: { !"/:@".contains($0) }) == "index.docker.io" {
            return "write the registry as docker.io"
        }
        if scope == "*" { return "write \"\" for all registries" }
        let host = scope.hasPrefix("*.") ? scope.dropFirst(2) : scope[...]
        if host.hasSuffix("/*") {
            return "write '\(scope.prefix { $0 != "*" }.dropLast())': a scope is for all that is below it"
        }
        if host.contains("*") { return "only a host may begin with '*.', as in *.example.com" }
        if scope.hasPrefix("*."), host.isEmpty || host.contains(where: { "/:@".contains($0) }) {
            return "after '*.' comes the end of a host alone, as in *.example.com"
        }
        if host.contains(where: \.isWhitespace) { return "it has white space" }
        // Tags may have capital letters; what comes before them may not.
        let name = host.prefix { $0 != "@" }
        let tag = name.lastIndex(of: ":").flatMap { name[$0...].contains("/") || !name.contains("/") ? nil : $0 }
        let path = name[..<(tag ?? name.endIndex)]
        return path.lowercased() == path ? nil : "write '\(path)' in lower case"
    }
}
