public import ContainerImage
import FoundationEssentials

/// What refers to a manifest as its subject, as far as a registry knows.
public struct ReferrersList: Sendable {
    /// How the registry keeps the list.
    enum Keeping: Sendable {
        /// By itself, in the referrers API.
        case registry
        /// As the index of the tag `sha256-<hex>`.
        case tag(RawManifest)
        /// As that tag, which names something else.
        case otherwise
        /// Not at all so far.
        case nowhere
    }

    /// What refers to the manifest.
    public internal(set) var descriptors: [Descriptor] = []
    /// Digests of entries that can't be used, as they stand in the list.
    public internal(set) var unusable: [String] = []
    /// A refusal that was taken for an empty list.
    public internal(set) var refusal: RegistryError?
    var keeping = Keeping.nowhere

    private struct Answer: Decodable {
        var manifests: [Entry]?
    }

    /// One entry; what can't be read is not the others' fault.
    private struct Entry: Decodable {
        var descriptor: Descriptor?
        var name: String

        private enum CodingKeys: CodingKey { case digest }

        init(from decoder: any Decoder) throws {
            descriptor = try? Descriptor(from: decoder)
            let digest = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .digest)
            name = digest.map { Secrets().plain($0) } ?? "an entry without a digest"
        }
    }

    /// Adds the entries of a list's page; false when it is none.
    mutating func add(page bytes: [UInt8]) -> Bool {
        guard JSONNesting.isSane(bytes), let answer = try? JSONDecoder().decode(Answer.self, from: Data(bytes)) else {
            return false
        }
        descriptors += (answer.manifests ?? []).compactMap(\.descriptor)
        unusable += (answer.manifests ?? []).filter { $0.descriptor == nil }.map(\.name)
        return true
    }
}
