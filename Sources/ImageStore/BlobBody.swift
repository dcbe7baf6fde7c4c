public import ContainerImage
public import NIOCore

/// The bytes of a blob as they arrive. Whoever reads slowly slows the sender down.
public struct BlobBody: AsyncSequence, Sendable {
    /// A piece of the blob.
    public typealias Element = ByteBuffer

    private let base: any AsyncSequence<ByteBuffer, any Error> & Sendable

    /// Creates a body from a sequence of chunks.
    public init(_ base: some AsyncSequence<ByteBuffer, any Error> & Sendable) {
        self.base = base
    }

    /// Creates a body from bytes in memory.
    public init(_ bytes: some Sequence<UInt8>) {
        let buffer = ByteBuffer(bytes: bytes)
        self.init(
            AsyncThrowingStream { continuation in
                if buffer.readableBytes > 0 { continuation.yield(buffer) }
                continuation.finish()
            }
        )
    }

    /// Gives the pieces in order.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var base: any AsyncIteratorProtocol<ByteBuffer, any Error>

        init(_ base: any AsyncIteratorProtocol<ByteBuffer, any Error>) { self.base = base }

        /// The next piece, nil at the end.
        public mutating func next() async throws -> ByteBuffer? {
            try await base.next(isolation: nil)
        }
    }

    /// Starts reading.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base.makeAsyncIterator())
    }

    /// The same bytes, which end in an error when they aren't exactly `blob`'s: the last ones come only when all are
    /// right, and a body that is too long is cut off at once.
    ///
    /// - Parameters:
    ///   - hashes: False for bytes that were verified before: then only their number is checked.
    ///   - item: Counts the bytes on their way.
    public func verified(
        as blob: Descriptor,
        hashing hashes: Bool = true,
        counting item: TransferProgress.Item? = nil
    ) -> BlobBody {
        BlobBody(VerifiedBody(base: self, verifier: BlobVerifier(blob, hashing: hashes), item: item))
    }
}

/// Hashes and counts on the way through.
private struct VerifiedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let base: BlobBody
    let verifier: BlobVerifier
    let item: TransferProgress.Item?

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        var verifier: BlobVerifier
        let item: TransferProgress.Item?
        var isFinished = false

        mutating func next() async throws -> ByteBuffer? {
            guard let chunk = try await base.next() else {
                if !isFinished { try verifier.finish() }
                return nil
            }
            try verifier.update(chunk)
            // Nobody gets the last bytes of what isn't the blob.
            if verifier.isFull, !isFinished {
                isFinished = true
                try verifier.finish()
            }
            item?.add(chunk.readableBytes)
            return chunk
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        item?.restart()
        return AsyncIterator(base: base.makeAsyncIterator(), verifier: verifier, item: item)
    }
}

/// Compares bytes with a descriptor while they pass.
public struct BlobVerifier: Sendable {
    private let blob: Descriptor
    private var digester: Digester?
    /// How many bytes have passed.
    public private(set) var count: Int64 = 0

    /// Whether as many bytes have passed as the blob has.
    var isFull: Bool { count == blob.size }

    /// Creates a check for the bytes of `blob`.
    ///
    /// - Parameter hashes: False for bytes that were verified before: then only their number is checked.
    public init(_ blob: Descriptor, hashing hashes: Bool = true) {
        self.blob = blob
        digester = hashes ? Digester(blob.digest.algorithm) : nil
    }

    /// Takes the next piece.
    ///
    /// - Throws: `BlobError.tooLong` as soon as there are more bytes than the descriptor says.
    public mutating func update(_ chunk: ByteBuffer) throws(BlobError) {
        count += Int64(chunk.readableBytes)
        guard count <= blob.size else { throw .tooLong(blob.digest, expected: blob.size) }
        chunk.withUnsafeReadableBytes { digester?.update($0) }
    }

    /// Checks what has passed.
    ///
    /// - Throws: `BlobError` when bytes are missing or differ.
    public func finish() throws(BlobError) {
        guard count == blob.size else { throw .tooShort(blob.digest, expected: blob.size, received: count) }
        guard let digest = digester?.finish() else { return }
        guard digest == blob.digest else { throw .otherDigest(blob.digest, received: digest) }
    }
}

/// An error of the content itself, which trying again doesn't mend.
public protocol ContentError: Error {}

/// Why bytes aren't those of a blob.
public enum BlobError: ContentError, Sendable, Equatable, CustomStringConvertible {
    /// More bytes than the descriptor says.
    case tooLong(Digest, expected: Int64)
    /// Fewer bytes than the descriptor says.
    case tooShort(Digest, expected: Int64, received: Int64)
    /// As many bytes, but others.
    case otherDigest(Digest, received: Digest)
    /// More than is taken into memory.
    case tooLarge(Digest, size: Int64, limit: Int64)

    /// Whether there were bytes, and they were others.
    var isAboutContent: Bool {
        switch self {
        case .tooLong, .otherDigest: true
        case .tooShort, .tooLarge: false
        }
    }

    /// What is wrong, with the digest.
    public var description: String {
        switch self {
        case .tooLong(let digest, let expected):
            "blob \(digest) is longer than the \(expected) bytes of its descriptor"
        case .tooShort(let digest, let expected, let received):
            "blob \(digest) ended after \(received) of \(expected) bytes"
        case .otherDigest(let digest, let received): "digest mismatch for blob \(digest): got \(received)"
        case .tooLarge(let digest, let size, let limit):
            "blob \(digest) has \(size) bytes; at most \(limit) are expected"
        }
    }
}
