public import ContainerImage
public import ImageStore
import ImageTransfer

/// Where a mirror's state is: in the target repository under the tag `kbld-mirror-state.NAME`, or, where the target is a
/// registry, in a repository `kbld-mirror-state`. Each mirror of a target has a state of its own.
public struct MirrorStateStore: Sendable {
    private let repository: any ImageRepository
    private let tag: Tag
    /// Where the state is.
    public let reference: ImageReference

    /// The tag's beginning, and the repository where the target has none.
    public static let name = "kbld-mirror-state"
    static let mediaType = MediaType("application/vnd.carvel.kbld.mirror-state.v1+json")
    private static let limit: Int64 = 64 << 20
    private static let attempts = 8

    /// Creates the place of the state of `document`.
    ///
    /// - Throws: `ReferenceError`, which no registry gives cause for.
    public init(_ document: MirrorDocument, in registry: any ImageRegistry) throws(ReferenceError) {
        let root = document.target
        let name: Repository
        if let repository = root.repository {
            name = repository
        } else {
            name = try Repository("\(root.registry)/\(Self.name)")
        }
        repository = registry.repository(name)
        tag = try Self.tag(of: document.name)
        reference = .tag(name, tag)
    }

    /// The tag of the state of the mirror `name`.
    static func tag(of name: String) throws(ReferenceError) -> Tag {
        try Tag(name.isEmpty ? Self.name : "\(Self.name).\(name)")
    }

    /// Whether a tag is that of some mirror's state.
    static func isState(_ tag: Tag) -> Bool { tag.name == name || tag.name.hasPrefix(name + ".") }

    /// Reads the state; that of nothing where there is none.
    ///
    /// - Throws: `MirrorStateError`, and what the registry gives cause for.
    public func read() async throws -> MirrorState { try await read(tag).state }

    /// The states of the other mirrors that have the same target, by their names.
    ///
    /// - Throws: `MirrorStateError` for one that can't be read, and what the registry gives cause for: also refusals that
    ///   may mean that there is none, as what others have must not go.
    public func others() async throws -> [String: MirrorState] {
        let tags: [Tag]
        do {
            tags = try await telling(tag) { try await repository.tags().compactMap { try? Tag($0) } }
        } catch let error as any StoreError where error.meansAbsence {
            return [:]
        }
        var states: [String: MirrorState] = [:]
        for other in tags where other != tag && Self.isState(other) {
            states[String(other.name.dropFirst(Self.name.count + 1))] = try await read(other, strictly: true).state
        }
        return states
    }

    /// Changes the state. Registries can't compare and swap: the state is read again right before and after it is
    /// written, and changed anew where another run was faster. One that has read it before and writes it after that
    /// still undoes the change: what must last is to be changed once more later.
    ///
    /// - Parameter change: Changes the state, and tells whether anything is different then. It may be called again.
    /// - Throws: `MirrorStateError` where other runs are always faster, and what the registry gives cause for.
    public func update(_ change: (inout MirrorState) throws -> Bool) async throws {
        for _ in 0..<Self.attempts {
            let found = try await read(tag)
            var state = found.state
            guard try change(&state) else { return }
            let content = state
            let manifest = try await telling(tag) { try await upload(content) }
            // The repository is there by now: a refusal isn't for want of one, and what is there must not be lost.
            guard try await digest(of: tag, strictly: true) == found.digest else { continue }
            try await telling(tag) { try await repository.push(manifest, tag: tag) }
            guard try await digest(of: tag, strictly: true) == manifest.digest else { continue }
            return
        }
        throw MirrorStateError(reference: reference, reason: .contended)
    }

    /// What `body` gives; what goes wrong in the registry is told of the state in `tag`.
    private func telling<Value>(_ tag: Tag, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as any StoreError where !(error is MirrorStateError) {
            throw MirrorStateError(reference: .tag(repository.repository, tag), reason: .registry(error))
        } catch let reason as MirrorStateError.Reason {
            throw MirrorStateError(reference: .tag(repository.repository, tag), reason: reason)
        }
    }

    /// - Parameter isStrict: Whether a refusal that may mean that there is no such tag is an error.
    private func digest(of tag: Tag, strictly isStrict: Bool = false) async throws -> Digest? {
        do {
            return try await telling(tag) { try await repository.descriptor(of: tag)?.digest }
        } catch let error as any StoreError where isStrict ? error.meansAbsence : error.mayMeanAbsence {
            return nil
        }
    }

    private func read(
        _ tag: Tag,
        strictly isStrict: Bool = false
    ) async throws -> (state: MirrorState, digest: Digest?) {
        guard let digest = try await digest(of: tag, strictly: isStrict) else { return (MirrorState(), nil) }
        return try await telling(tag) {
            guard case .image(let manifest) = try await repository.parsedManifest(digest).parsed,
                let layer = manifest.layers.first, layer.mediaType == Self.mediaType
            else { throw MirrorStateError.Reason.foreign }
            return (try MirrorState(decoding: try await repository.bytes(of: layer, limit: Self.limit)), digest)
        }
    }

    private func upload(_ state: MirrorState) async throws -> RawManifest {
        let config = try await repository.upload(Array("{}".utf8), as: .emptyJSON)
        let layer = try await repository.upload(try state.encoded(), as: Self.mediaType)
        return try RawManifest(config: config, layers: [layer], artifactType: Self.mediaType.text)
    }
}
