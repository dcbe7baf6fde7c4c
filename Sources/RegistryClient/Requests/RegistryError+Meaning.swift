public import ContainerImage
public import ImageStore

/// What a refusal means for what is to be done next.
extension RegistryError: StoreError {
    /// Whether the registry says that it doesn't have what was asked for.
    public var meansAbsence: Bool { status == 404 }

    /// What is wrong with a manifest that the registry gave.
    public var manifestError: ManifestError? { if case .manifest(let error) = reason { error } else { nil } }

    /// Whether the registry, or what it leads to, answered: the same may well be had in another way. A login that it rejects
    /// isn't sent in any.
    var isAnswer: Bool {
        guard !isLoginRejected else { return false }
        return switch reason {
        case .status, .badResponse, .manifest, .redirect: true
        case .transport, .authentication: false
        }
    }

    /// Whether there are more requests than the registry takes: another in its place would only be one more.
    var isTooManyRequests: Bool { status == 429 }

    /// Whether it was a HEAD that failed, and not the token server that it needed.
    var isOfHead: Bool { request.hasPrefix("HEAD ") }

    /// Whether what was asked for may not be there: many registries say 401 or 403 of what they don't have, or hide.
    public var mayMeanAbsence: Bool { !isLoginRejected && (isRefusal || status == 401 || status == 501) }

    /// Whether the registry doesn't see yet what was just pushed, as the words of its refusal have it.
    var isTooSoon: Bool {
        guard case .status(let status, let errors, _) = reason,
            ["PUT ", "HEAD ", "GET "].contains(where: request.hasPrefix)
        else { return false }
        if status == 404 || has(codes: ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN", "NAME_UNKNOWN"]) {
            return true
        }
        guard status == 400 || status == 422 else { return false }
        let words = errors.compactMap(\.message).joined(separator: " ").lowercased()
        return ["unknown", "not found", "does not exist", "missing"].contains { words.contains($0) }
    }

    /// Whether a manifest may have been refused for what it refers to: registries have several answers.
    var refusesSparseIndex: Bool { lacksContent || status == 404 || has(codes: ["MANIFEST_UNKNOWN"]) }

    /// Whether the registry lacks what a manifest refers to.
    var lacksContent: Bool { has(codes: ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"]) }

    /// Whether a mount was refused, in whatever way; not where the registry can't be reached, or wants to be left alone.
    var refusesMount: Bool {
        guard !isLoginRejected else { return false }
        return switch reason {
        case .status(let status, _, _): ![408, 429].contains(status)
        case .transport: false
        default: true
        }
    }

    /// Whether the registry may not take a blob's bytes in the request that ends an upload.
    ///
    /// - Parameter attempt: An upload may be lost, or altered on its way, but not each time.
    func refusesBody(attempt: Int) -> Bool {
        guard let status, [400, 404, 405, 411, 415, 501].contains(status) else { return false }
        // 400 may mean anything, so its words must be about the upload.
        let codes: Set = [
            "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "SIZE_INVALID",
            "UNSUPPORTED",
        ]
        guard status != 400 || has(codes: codes) else { return false }
        return attempt > 2 || !has(codes: ["BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "SIZE_INVALID"])
    }

    /// Whether the registry has no use for chunks.
    var refusesChunks: Bool { isAnswer && !isTransient && !isLostUpload && status != 413 }

    /// Whether an upload is lost, was altered on its way, or goes to a repository that the registry is about to make: it may
    /// succeed when it is started again.
    var isLostUpload: Bool {
        if request.hasPrefix("POST ") { return status == 404 }
        guard request.hasPrefix("PUT ") || request.hasPrefix("PATCH ") else { return false }
        return status == 404 || status == 416
            || has(codes: ["BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID", "DIGEST_INVALID"])
    }
}
