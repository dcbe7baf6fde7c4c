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
    /// Mounts that were refused.
    var refusedMounts: Set<Mount> = []
    /// Whether the registry lists referrers by itself: it answered a manifest with `OCI-Subject`.
    var listsReferrers = false
}

extension RegistrySession {
    /// Takes note of how the registry took a blob; one that once took PUT with a body keeps to that.
    func took(_ upload: RegistryHabits.Upload) {
        if habits.upload != .put { habits.upload = upload }
    }

    /// Takes note that a mount was refused.
    func refused(_ mount: RegistryHabits.Mount) { habits.refusedMounts.insert(mount) }

    /// Takes note that the registry lists referrers by itself.
    func listsReferrers() { habits.listsReferrers = true }
}
