import AsyncHTTPClient
import ContainerImage
import ImageStore
import NIOCore

extension RequestPipeline {
    /// What is sent with a request; `watched` notes how it is taken, where it isn't in memory.
    func body(
        of request: RegistryRequest
    ) async throws -> (body: HTTPClientRequest.Body?, watched: StallDetectingBody?) {
        let content: BlobBody
        let size: Int64
        switch request.body {
        case nil: return (nil, nil)
        case .bytes(let bytes):
            try await options.rateLimit?.take(bytes.count)
            return (.bytes(ByteBuffer(bytes: bytes)), nil)
        case .blob(let blob, let source, let item):
            content = try await source.content(of: blob, from: 0)
                .verified(as: blob, hashing: !source.isVerified, counting: item)
            size = blob.size
        case .chunk(let chunks, let range, _):
            content = chunks.body(range)
            size = Int64(range.count)
        }
        guard size > 0 else {
            // The client is done with an empty body before it asks for its end.
            for try await _ in content {}
            return (.bytes(ByteBuffer()), nil)
        }
        let limited = options.rateLimit.map { BlobBody(LimitedBody(base: content, limit: $0)) } ?? content
        let watched = StallDetectingBody(limited, size: size, meter: request.meter)
        return (.stream(watched, length: .known(size)), watched)
    }
}
