import ContainerImage

/// What was learnt about how a registry takes what is pushed, so that it is learnt once.
struct RegistryHabits: Sendable {
    /// How the bytes of a blob are sent.
    enum Upload: Sendable {
        /// All in the request that ends the upload.
        case put
        /// In a request of their own, before the one that ends the upload.
        case patch
    }

    /// From which repository to which the registry doesn't take blobs over.
    struct Mount: Hashable, Sendable {
        var from: Repository
        var to: Repository
    }

    /// How the registry took a blob before; nil while it took none.
    var upload: Upload?
    /// How many bytes are taken at once, as refusals have shown; nil while there were none.
    var chunkSize: Int64?
    /// Mounts that were refused.
    var refusedMounts: Set<Mount> = []
    /// Whether the registry lists referrers itself: it answered a manifest with `OCI-Subject`.
    var listsReferrers = false
}

extension RegistrySession {
    /// Records how the registry took a blob; one that once took PUT with a body keeps to that.
    func took(_ upload: RegistryHabits.Upload) {
        if habits.upload != .put { habits.upload = upload }
    }

    /// How many bytes of a blob of `size` bytes are sent at once; nil if it goes whole.
    func chunkSize(for size: Int64, by chunking: UploadChunking) -> Int64? {
        let limit =
            switch chunking {
            case .automatic: habits.chunkSize
            case .size(let wanted): min(wanted, habits.chunkSize ?? wanted)
            case .off: Int64?.none
            }
        return limit.flatMap { $0 < size ? $0 : nil }
    }

    /// Records that chunks must have at most `size` bytes.
    func takes(chunksOf size: Int64) { habits.chunkSize = min(size, habits.chunkSize ?? size) }

    /// Records that a mount was refused.
    func refused(_ mount: RegistryHabits.Mount) { habits.refusedMounts.insert(mount) }

    /// Records that the registry lists referrers itself.
    func listsReferrers() { habits.listsReferrers = true }
}
