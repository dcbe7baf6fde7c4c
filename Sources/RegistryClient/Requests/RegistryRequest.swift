import AsyncHTTPClient
import ContainerImage
import ImageStore
import NIOCore
import NIOHTTP1

/// A request to a registry, before scheme and authorization are known.
struct RegistryRequest: Sendable {
    /// Where the request goes.
    enum Target: Sendable {
        /// A path below the registry's root, with its query.
        case path(String)
        /// An address that the registry gave, in a `Location` header.
        case address(String)
    }

    /// What is sent; it can be made again for each attempt.
    enum Body: Sendable {
        case bytes([UInt8])
        case blob(Descriptor, any ImageSource, counting: TransferProgress.Item?)
        case chunk(UploadContent, Range<Int64>, isRepeatable: Bool)
    }

    /// When it was made, before it waited for its turn.
    let created = ContinuousClock.now
    var method: HTTPMethod
    var repository: Repository
    var target: Target
    /// What the token must allow: `pull`, or `pull,push`.
    var actions: String
    /// A further repository whose blobs the token must allow to pull, for mounts.
    var mountedFrom: Repository?
    var headers = HTTPHeaders()
    /// Headers that only the registry itself gets, as logins do.
    var ownHeaders: [String: String] = [:]
    var body: Body?
    /// Counts how much of the body connections take.
    var meter: UploadMeter?
    /// Answers that aren't errors.
    var accepted: Set<UInt> = [200]

    /// Whether another authorization is tried where one is refused.
    var renewsAuthorization = true

    /// Whether a token must allow anything in a repository, and doesn't only tell who is asking.
    var needsScope = true

    /// Whether it is for the list of repositories, and for none of them.
    var isOfCatalog = false

    /// Whether the request can be sent a second time.
    var isRepeatable: Bool {
        switch body {
        case .blob(_, let source, _): source.isRepeatable
        case .chunk(_, _, let isRepeatable): isRepeatable
        case .bytes, nil: true
        }
    }

    /// How many bytes are sent with it.
    var bodySize: Int64 {
        switch body {
        case .bytes(let bytes): Int64(bytes.count)
        case .blob(let blob, _, _): blob.size
        case .chunk(_, let range, _): Int64(range.count)
        case nil: 0
        }
    }

    /// The scopes of the token, in the words of the token specification.
    var scopes: [String] {
        guard needsScope else { return [] }
        guard !isOfCatalog else { return ["registry:catalog:*"] }
        return ["repository:\(repository.path):\(actions)"]
            + (mountedFrom.map { ["repository:\($0.path):pull"] } ?? [])
    }
}
