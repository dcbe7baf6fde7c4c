public import ContainerImage
public import ImageStore
import Synchronization

/// Any number of registries in memory. It notes what it is asked for, and does wrong what a test wants it to.
public final class MemoryStore: ImageRegistry {
    private let state = Mutex(State())

    private struct State {
        var contents: [Repository: Content] = [:]
        var requests: [Request] = []
        var faults = Faults()
        var hashed: [Digest] = []
    }

    /// What a repository holds.
    public struct Content: Sendable, Equatable {
        /// Manifests and indexes.
        public var manifests: [Digest: RawManifest] = [:]
        /// Blobs.
        public var blobs: [Digest: [UInt8]] = [:]
        /// What tags name.
        public var tags: [String: Digest] = [:]
        /// What is listed as referrers.
        public var referrers: [Digest: [Descriptor]] = [:]

        /// Nothing.
        public init() {}
    }

    /// What a store is asked to do.
    public enum Action: Sendable, Hashable {
        case readManifest, readBlob
        /// Whether there is such a thing.
        case askManifest, askTag, askBlob, askRepository
        case resolve, listTags, listReferrers, registerReferrers
        /// A blob is taken over from another repository, or its bytes are taken.
        case mount, upload
        /// A manifest is taken, under a tag or by its digest.
        case push
        /// A tag or a manifest is deleted.
        case remove
    }

    /// One thing that the store was asked to do.
    public struct Request: Sendable, Hashable {
        /// What it is.
        public let action: Action
        /// Where.
        public let repository: Repository
        /// A digest or a tag.
        public let subject: String
    }

    /// What goes wrong. Nothing does, until it is set.
    public struct Faults: Sendable {
        /// Blobs that repositories claim to have, whether they do or not.
        public var claimedBlobs: Set<Digest> = []
        /// Whether repositories won't say which blobs and manifests they have.
        public var isSilent = false
        /// Manifests that aren't taken.
        public var refusedManifests: Set<Digest> = []
        /// Manifests that there is no answer for when they are pushed.
        public var silentManifests: Set<Digest> = []
        /// Whether an index is taken without all that it names.
        public var takesSparseIndexes = false
        /// Whether no blob is taken.
        public var isUploadRefused = false
        /// Whether blobs aren't taken over from other repositories.
        public var refusesMounts = false
        /// Whether blobs are said to be taken over, and aren't.
        public var losesMounts = false
        /// Blobs that break off after so many bytes when they are read.
        public var breakage: [Digest: Int] = [:]
        /// Whether things are deleted by digest alone.
        public var keepsTags = false
        /// Whether nothing is deleted.
        public var deletesNothing = false
        /// Whether a tag is deleted with what it names, and all other tags of that.
        public var deletesImagesOfTags = false
        /// Whether asking for a tag or for referrers is denied.
        public var deniesNames = false
        /// The repositories whose tags nobody may list.
        public var deniedLists: Set<Repository> = []
        /// Whether nothing is answered any more.
        public var isDown = false
        /// Why referrers can't be registered.
        public var registrationRemark: String?
        /// Is told of each request, before it is answered.
        public var observer: @Sendable (Request) -> Void = { _ in }

        /// Creates faults that are none.
        public init() {}
    }

    /// Creates registries without repositories.
    public init() {}

    /// What goes wrong from now on.
    public var faults: Faults {
        get { state.withLock(\.faults) }
        set { state.withLock { $0.faults = newValue } }
    }

    /// What was asked for so far, in order.
    public var requests: [Request] { state.withLock(\.requests) }

    /// The blobs that were hashed when they were taken, because their source hadn't verified them.
    public var hashedBlobs: [Digest] { state.withLock(\.hashed) }

    func noteHash(of blob: Digest) { state.withLock { $0.hashed.append(blob) } }

    /// Deletes a repository, by no request.
    public func remove(_ repository: Repository) { state.withLock { $0.contents[repository] = nil } }

    /// Forgets what was asked for so far.
    public func forgetRequests() { state.withLock { $0.requests = [] } }

    /// The subjects of the requests of one kind, in order.
    public func subjects(of action: Action, in repository: Repository? = nil) -> [String] {
        requests.filter { $0.action == action && (repository == nil || $0.repository == repository) }.map(\.subject)
    }

    /// The repository of this name.
    public func repository(_ name: Repository) -> MemoryRepository { MemoryRepository(store: self, repository: name) }

    /// The repository of this name.
    public func repository(_ name: String) throws -> MemoryRepository { repository(try Repository(name)) }

    func content(of repository: Repository) -> Content { state.withLock { $0.contents[repository] ?? Content() } }

    func change(_ repository: Repository, _ body: (inout Content) -> Void) {
        state.withLock { body(&$0.contents[repository, default: Content()]) }
    }

    /// Notes a request, and gives what the repository holds and what goes wrong.
    func note(
        _ action: Action,
        _ subject: String,
        in repository: Repository
    ) throws(MemoryStoreError) -> (content: Content, faults: Faults) {
        let request = Request(action: action, repository: repository, subject: subject)
        faults.observer(request)
        let (content, faults) = state.withLock { state in
            state.requests.append(request)
            return (state.contents[repository] ?? Content(), state.faults)
        }
        guard !faults.isDown else { throw MemoryStoreError("\(repository): \(subject)", .outage) }
        return (content, faults)
    }
}

extension MemoryStore {
    /// The repositories that have anything.
    public func repositories(in registry: RegistryHost) async throws -> [Repository] {
        state.withLock { state in state.contents.keys.filter { $0.registry == registry }.sorted() }
    }
}
