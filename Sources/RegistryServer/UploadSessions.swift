import ContainerImage
import NIOCore

/// The uploads that are under way: how far each is, and the hash of what it has.
actor UploadSessions {
    private struct Session {
        let repository: String
        var size: Int64 = 0
        var digester = Digester()
    }

    private var sessions: [String: Session] = [:]

    func begin(in repository: String) -> String {
        let id = [UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)]
            .map { String($0, radix: 16) }.joined()
        sessions[id] = Session(repository: repository)
        return id
    }

    func size(of id: String, in repository: String) throws(RegistryFault) -> Int64 {
        guard let session = sessions[id], session.repository == repository else { throw .uploadUnknown(id) }
        return session.size
    }

    /// Takes note of the next bytes; gives the offset at which they belong.
    func add(_ bytes: ByteBuffer, to id: String) throws(RegistryFault) -> Int64 {
        guard var session = sessions.removeValue(forKey: id) else { throw .uploadUnknown(id) }
        let offset = session.size
        session.size += Int64(bytes.readableBytes)
        bytes.withUnsafeReadableBytes { session.digester.update($0) }
        sessions[id] = session
        return offset
    }

    /// Ends an upload; gives the digest of all its bytes.
    func finish(_ id: String) throws(RegistryFault) -> Digest {
        guard let session = sessions.removeValue(forKey: id) else { throw .uploadUnknown(id) }
        return session.digester.finish()
    }

    func cancel(_ id: String) { sessions[id] = nil }
}
