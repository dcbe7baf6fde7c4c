import AsyncHTTPClient
public import ContainerImage
public import ImageStore
import NIOCore
import NIOHTTP1

/// Blobs: OCI distribution specification, "Pulling blobs".
extension RemoteRepository: ImageSource {
    /// The blob's bytes; a download that breaks off goes on from the last byte.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        let body = try await open(blob, from: offset)
        return BlobBody(ResumingBody(repository: self, blob: blob, offset: offset, first: body))
    }

    func open(_ blob: Descriptor, from offset: Int64) async throws -> OpenedBody {
        var headers = HTTPHeaders()
        if offset > 0 { headers.add(name: "range", value: "bytes=\(offset)-") }
        let get = request(.GET, "blobs/\(blob.digest)", headers: headers, accepted: [200, 206])
        let response = try await pipeline.send(get)
        // A registry that ignores the range sends the blob from its beginning.
        let skips = response.status == .partialContent ? 0 : offset
        return OpenedBody(response: response, bytesToSkip: skips)
    }

    struct OpenedBody: Sendable {
        var response: RequestPipeline.Response
        var bytesToSkip: Int64
    }
}

/// A blob's bytes over as many requests as it takes.
private struct ResumingBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let repository: RemoteRepository
    let blob: Descriptor
    let offset: Int64
    let first: RemoteRepository.OpenedBody

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(
            repository: repository,
            blob: blob,
            offset: offset,
            skip: first.bytesToSkip,
            base: first.response.head.body.makeAsyncIterator()
        )
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let repository: RemoteRepository
        let blob: Descriptor
        var offset: Int64
        var skip: Int64
        var base: HTTPClientResponse.Body.AsyncIterator
        var failures = 0

        mutating func next() async throws -> ByteBuffer? {
            while true {
                do {
                    guard var chunk = try await base.next() else {
                        guard offset < blob.size else { return nil }
                        throw BlobError.tooShort(blob.digest, expected: blob.size, received: offset)
                    }
                    let skipped = Swift.min(skip, Int64(chunk.readableBytes))
                    skip -= skipped
                    chunk.moveReaderIndex(forwardBy: Int(skipped))
                    guard chunk.readableBytes > 0 else { continue }
                    offset += Int64(chunk.readableBytes)
                    failures = 0
                    return chunk
                } catch {
                    try await resume(after: error)
                }
            }
        }

        private mutating func resume(after error: any Error) async throws {
            let retries = repository.pipeline.options.retries
            failures += 1
            let isTransient = error is BlobError || RetryPolicy.isTransient(error)
            guard failures < retries.attempts, isTransient, !Task.isCancelled, offset < blob.size else { throw error }
            try await retries.pause(after: failures, error)
            let opened = try await repository.open(blob, from: offset)
            skip = opened.bytesToSkip
            base = opened.response.head.body.makeAsyncIterator()
        }
    }
}
