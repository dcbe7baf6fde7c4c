import ContainerImage
import FoundationEssentials
import HTTPTypes
import HummingbirdCore

/// Lists: OCI distribution specification, "Content Discovery".
extension RegistryResponder {
    private struct Tags: Encodable {
        var name: String
        var tags: [String]
    }

    private struct Catalog: Encodable {
        var repositories: [String]
    }

    private struct Referrers: Encodable {
        var schemaVersion = 2
        var mediaType = MediaType.ociIndex
        var manifests: [Descriptor]
    }

    func tags(_ name: String, _ request: Request) async throws -> Response {
        guard let tags = try await content.tags(in: name) else { throw RegistryResponseError.nameUnknown(name) }
        let (page, headers) = page(of: tags.keys.sorted(), request, path: "/v2/\(name)/tags/list")
        return json(try encode(Tags(name: name, tags: page)), headers: headers)
    }

    func catalog(_ request: Request) async throws -> Response {
        let (page, headers) = page(of: try await content.repositories(), request, path: "/v2/_catalog")
        return json(try encode(Catalog(repositories: page)), headers: headers)
    }

    func referrers(_ name: String, _ digest: Digest, _ request: Request) async throws -> Response {
        let wanted = query("artifactType", of: request)
        let entries = try await content.referrers(to: digest, in: name).compactMap(\.referrerDescriptor?.descriptor)
            .filter { wanted == nil || wanted == $0.artifactType }
        let headers: HTTPFields = wanted == nil ? [:] : [.filtersApplied: "artifactType"]
        return json(try encode(Referrers(manifests: entries)), type: MediaType.ociIndex.text, headers: headers)
    }

    /// The part of a sorted list that `n` and `last` ask for, and the link to the next part.
    private func page(of all: [String], _ request: Request, path: String) -> (items: [String], headers: HTTPFields) {
        let last = query("last", of: request)
        let rest = last.map { last in all.filter { $0 > last } } ?? all
        guard let count = query("n", of: request).flatMap({ Int($0) }), count >= 0, count < rest.count else {
            return (rest, [:])
        }
        let items = Array(rest.prefix(count))
        guard let final = items.last else { return ([], [:]) }
        return (items, [.link: "<\(path)?n=\(count)&last=\(final)>; rel=\"next\""])
    }

    private func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
