/// How a mirror wants to be asked.
struct RepositoryAccess: Sendable {
    /// The path of its API.
    var root = "/v2"
    /// The registry that is meant, which a mirror of several must know.
    var namespace: String?
    /// Further headers, for its own host alone.
    var headers: [String: String] = [:]

    /// The path and query of a request for `path` of a repository.
    func target(_ repositoryPath: String, _ path: String) -> String {
        let target = "\(root)/\(repositoryPath)/\(path)"
        guard let namespace else { return target }
        return target + (target.contains("?") ? "&" : "?") + "ns=\(namespace)"
    }
}
