import HTTPTypes

/// The header fields of registries, beside those of HTTP.
package enum RegistryHeaders {
    /// Their names. All are made here, so that a test of this list tests each.
    package static var names: [String] {
        let all: [HTTPField.Name] = [
            .apiVersion, .contentDigest, .uploadID, .subject, .namespace, .tag, .filtersApplied, .link,
        ]
        return all.map(\.rawName)
    }
}

extension HTTPField.Name {
    static let apiVersion = HTTPField.Name(literal: "Docker-Distribution-API-Version")
    static let contentDigest = HTTPField.Name(literal: "Docker-Content-Digest")
    static let uploadID = HTTPField.Name(literal: "Docker-Upload-UUID")
    static let subject = HTTPField.Name(literal: "OCI-Subject")
    static let namespace = HTTPField.Name(literal: "OCI-Namespace")
    static let tag = HTTPField.Name(literal: "OCI-Tag")
    static let filtersApplied = HTTPField.Name(literal: "OCI-Filters-Applied")
    static let link = HTTPField.Name(literal: "Link")

    /// Creates a name from a literal of this file. Another name must never be sent in its place.
    private init(literal: String) {
        guard let name = HTTPField.Name(literal) else { preconditionFailure("'\(literal)' is not a field name") }
        self = name
    }
}
