import AsyncHTTPClient
public import ContainerImage
public import ImageStore
import NIOCore
import NIOHTTP1

/// Blobs: OCI distribution specification, "Pulling blobs".
extension RemoteRepository: ImageSource {
    /// The blob's bytes; a download that breaks off goes on from the last byte.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        if let bytes = blob.embedded { return BlobBody(bytes.dropFirst(Int(clamping: offset))) }
        let body = try await open(blob, from: offset)
        return BlobBody(ResumingBody(repository: self, blob: blob, offset: offset, first: body))
    }

    func open(_ blob: Descriptor, from offset: Int64) async throws -> OpenedBody {
        var headers = HTTPHeaders()
        if offset > 0 { headers.add(name: "range", value: "bytes=\(offset)-") }
        let get = request(.GET, "blobs/\(blob.digest)", headers: headers, accepted: [200, 206])
        let response = try await send(get, orTo: (blob.urls ?? [])[...])
        do {
            return OpenedBody(response: response, bytesToSkip: offset - (try start(of: response, blob, offset)))
        } catch is BlobError where response.isPage {
            throw Self.isPage(response.url)
        }
    }

    /// A layer may be an HTML page, so a page is only one of a proxy's where its bytes are wrong.
    fileprivate static func isPage(_ url: RegistryURL) -> RegistryError {
        RegistryError(
            request: "GET \(url)",
            reason: .badResponse(
                "the answer is an HTML page instead of a blob: is a proxy or captive portal in the way?"
            )
        )
    }

    /// Where the answer's bytes begin in the blob; a registry that ignores the range sends all of it.
    private func start(
        of response: RequestPipeline.Response,
        _ blob: Descriptor,
        _ offset: Int64
    ) throws -> Int64 {
        guard response.status == .partialContent else {
            // Bytes that can't be the blob's aren't fetched at all.
            if let length = response.contentLength, length != blob.size {
                throw length > blob.size
                    ? BlobError.tooLong(blob.digest, expected: blob.size)
                    : BlobError.tooShort(blob.digest, expected: blob.size, received: length)
            }
            return 0
        }
        let text = response.headers.first(name: "content-range") ?? ""
        guard let range = ContentRange(text), range.start <= offset, range.total ?? blob.size == blob.size else {
            throw RegistryError(
                request: "GET \(response.url)",
                reason: .badResponse("the registry answers with the range '\(text)' where bytes \(offset)- are wanted")
            )
        }
        return range.start
    }

    /// A foreign layer that the registry doesn't have is where its descriptor says, without the registry's authorization.
    private func send(_ get: RegistryRequest, orTo urls: ArraySlice<String>) async throws -> RequestPipeline.Response {
        do {
            return try await pipeline.send(get)
        } catch let error as RegistryError where error.status == 404 {
            guard let url = urls.first else { throw error }
            var other = get
            other.target = .address(url)
            return try await send(other, orTo: urls.dropFirst())
        }
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
            url: first.response.url,
            isPage: first.response.isPage,
            base: first.response.head.body.makeAsyncIterator()
        )
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let repository: RemoteRepository
        let blob: Descriptor
        var offset: Int64
        var skip: Int64
        var url: RegistryURL
        var isPage: Bool
        var base: HTTPClientResponse.Body.AsyncIterator
        var failures = 0

        mutating func next() async throws -> ByteBuffer? {
            while true {
                do {
                    guard var chunk = try await base.next() else {
                        guard offset < blob.size else { return nil }
                        guard !isPage else { throw RemoteRepository.isPage(url) }
                        throw BlobError.tooShort(blob.digest, expected: blob.size, received: offset)
                    }
                    let skipped = Swift.min(skip, Int64(chunk.readableBytes))
                    skip -= skipped
                    chunk.moveReaderIndex(forwardBy: Int(skipped))
                    guard chunk.readableBytes > 0 else { continue }
                    if isPage, chunk.readableBytes > blob.size - offset { throw RemoteRepository.isPage(url) }
                    offset += Int64(chunk.readableBytes)
                    failures = 0
                    try await repository.pipeline.options.rateLimit?.take(chunk.readableBytes)
                    return chunk
                } catch {
                    try await resume(after: error)
                }
            }
        }

        private mutating func resume(after error: any Error) async throws {
            let retries = repository.pipeline.options.retries
            failures += 1
            let named = await repository.pipeline.failure(error, .GET, url)
            guard error is BlobError || RetryPolicy.isTransient(named), offset < blob.size else { throw named }
            try await retries.pause(after: failures, named)
            let opened: RemoteRepository.OpenedBody
            do {
                opened = try await repository.open(blob, from: offset)
            } catch let error as RegistryError where error.status == 416 {
                // The registry has no more bytes than these.
                throw BlobError.tooShort(blob.digest, expected: blob.size, received: offset)
            }
            skip = opened.bytesToSkip
            url = opened.response.url
            isPage = opened.response.isPage
            base = opened.response.head.body.makeAsyncIterator()
        }
    }
}

/// `bytes 5-9/10`, which part of a whole an answer has (RFC 9110, section 14.4).
package struct ContentRange: Equatable {
    /// The first byte.
    package let start: Int64
    /// The length of the whole, where it is known.
    package let total: Int64?

    package init?(_ text: String) {
        guard let match = text.wholeMatch(of: /bytes (\d{1,18})-(\d{1,18})\/(\d{1,18}|\*)/),
            let start = Int64(match.1), let end = Int64(match.2), start <= end
        else { return nil }
        self.start = start
        total = Int64(match.3)
    }
}
