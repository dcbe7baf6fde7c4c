import ContainerImage

/// The uploads that are under way.
actor UploadSessions {
    private var uploads: [String: Upload] = [:]

    func begin(in repository: String, algorithm: Digest.Algorithm, storage: any RegistryStorage) -> Upload {
        let id = [UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)]
            .map { String($0, radix: 16) }.joined()
        let upload = Upload(id: id, repository: repository, algorithm: algorithm, storage: storage)
        uploads[id] = upload
        return upload
    }

    func upload(_ id: String, in repository: String) throws(RegistryResponseError) -> Upload {
        guard let upload = uploads[id], upload.repository == repository else { throw .uploadUnknown(id) }
        return upload
    }

    func forget(_ id: String) { uploads[id] = nil }

    /// Ends the uploads that nobody has written to since `time`.
    func expire(unusedSince time: ContinuousClock.Instant) async {
        for (id, upload) in uploads where await upload.expire(unusedSince: time) { uploads[id] = nil }
    }
}
