import ContainerImage
import NIOCore

/// An upload that is under way: how far it is, and the digest of what it has.
///
/// Bytes count once they are stored. One request at a time writes; a later one takes over, and what the earlier one
/// still sends is refused, so that the digest is always that of the bytes in their order.
actor Upload {
    nonisolated let id: String
    nonisolated let repository: String
    private let storage: any RegistryStorage
    private var digester: Digester
    private var stored: Int64 = 0
    private var writer = 0
    private var isOver = false
    private var lastUse = ContinuousClock.now

    /// Creates an upload that has no bytes yet.
    init(id: String, repository: String, algorithm: Digest.Algorithm, storage: any RegistryStorage) {
        self.id = id
        self.repository = repository
        self.storage = storage
        digester = Digester(algorithm)
    }

    /// How many bytes are stored.
    ///
    /// - Throws: `uploadUnknown` when the upload is over.
    var size: Int64 {
        get throws(RegistryResponseError) {
            guard !isOver else { throw .uploadUnknown(id) }
            return stored
        }
    }

    /// Makes the caller the one who writes; gives what it proves that by.
    ///
    /// - Parameters:
    ///   - chunk: The positions that the caller has bytes for, where it says so: they must go on where the upload is.
    ///   - length: How many bytes the caller will send, where it says so: as many as there are positions.
    func takeOver(for chunk: ClosedRange<Int64>?, length: Int64?) throws(RegistryResponseError) -> Int {
        let size = try size
        if let chunk {
            guard chunk.lowerBound == size else { throw .rangeInvalid(size: size) }
            // The difference of two positions fits, where their number may not.
            if let length, chunk.upperBound - chunk.lowerBound != length - 1 { throw .rangeInvalid(size: size) }
        }
        lastUse = .now
        writer += 1
        return writer
    }

    /// Stores the next bytes.
    ///
    /// - Throws: `uploadTaken` when another request has taken over; whatever the storage throws, and then the upload is
    ///   over.
    func append(_ bytes: ByteBuffer, by writer: Int) throws {
        guard !isOver, writer == self.writer else { throw RegistryResponseError.uploadTaken }
        do {
            try storage.append(bytes, to: id, at: stored)
        } catch {
            // Nobody knows which of the bytes are there.
            cancel()
            throw error
        }
        stored += Int64(bytes.readableBytes)
        bytes.withUnsafeReadableBytes { digester.update($0) }
        lastUse = .now
    }

    /// Ends the writing; gives how many bytes there are, and their digest.
    func seal(by writer: Int) throws(RegistryResponseError) -> (size: Int64, digest: Digest) {
        guard !isOver, writer == self.writer else { throw .uploadTaken }
        isOver = true
        return (stored, digester.finish())
    }

    /// Ends the upload and frees its bytes.
    func cancel() {
        guard !isOver else { return }
        isOver = true
        storage.cancel(upload: id)
    }

    /// Ends the upload if nobody has written to it since `time`; gives whether it is over.
    func expire(unusedSince time: ContinuousClock.Instant) -> Bool {
        if lastUse < time { cancel() }
        return isOver
    }
}
