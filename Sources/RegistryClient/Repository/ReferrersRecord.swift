import ContainerImage
import FoundationEssentials
import ImageStore

/// A list of referrers, and how a registry keeps it.
struct ReferrersRecord: Sendable {
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

    var list = ReferrersList()
    var keeping = Keeping.nowhere

    /// Of a repository whose `tag` names something else.
    static func notKept(in tag: Tag) -> ReferrersRecord {
        ReferrersRecord(list: ReferrersList(refusal: NoReferrersListError(tag: tag)), keeping: .otherwise)
    }

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
            name = digest.map { Secrets().redacted($0) } ?? "an entry without a digest"
        }
    }

    /// Adds the entries of a list's page.
    ///
    /// - Returns: What they are called; nil when it is no list.
    mutating func add(page bytes: [UInt8]) -> [String]? {
        guard JSONNesting.isWithinLimit(bytes), let answer = try? JSONDecoder().decode(Answer.self, from: Data(bytes))
        else {
            return nil
        }
        let entries = answer.manifests ?? []
        list.descriptors += entries.compactMap(\.descriptor)
        list.unusable += entries.filter { $0.descriptor == nil }.map(\.name)
        return entries.map { $0.descriptor.map { "\($0.digest)" } ?? $0.name }
    }
}

/// A tag that should name a list of referrers.
struct NoReferrersListError: Error, CustomStringConvertible {
    let tag: Tag

    var description: String { "the tag '\(tag)' names something that is not a list of referrers" }
}
