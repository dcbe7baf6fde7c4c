import AsyncHTTPClient
import ContainerImage
import NIOCore
import NIOHTTP1
import Synchronization

extension RequestPipeline {
    /// An answer and the address that it came from, after redirects.
    struct Response: Sendable {
        var head: HTTPClientResponse
        var url: RegistryURL

        var status: HTTPResponseStatus { head.status }
        var headers: HTTPHeaders { head.headers }

        /// The whole body.
        ///
        /// - Throws: `RegistryError` when it is longer than `limit` bytes, or compressed.
        func bytes(limit: Int) async throws -> [UInt8] {
            let tooLong = RegistryError(
                request: "\(url)",
                reason: .badResponse("the answer is longer than \(limit) bytes, the most that is taken")
            )
            if let length = contentLength, length > limit { throw tooLong }
            var bytes: [UInt8] = []
            for try await chunk in head.body {
                guard bytes.count + chunk.readableBytes <= limit else { throw tooLong }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            // Each request asks for the bytes as they are.
            if bytes.starts(with: [0x1F, 0x8B]), let coding = headers.first(name: "content-encoding") {
                throw RegistryError(
                    request: "\(url)",
                    reason: .badResponse(
                        "the response is compressed (\(Secrets().redacted(coding))), although that was not asked for: "
                            + "is a proxy in the way?"
                    )
                )
            }
            return bytes
        }

        /// What the answer says of its body's length.
        var contentLength: Int64? { headers.first(name: "content-length").flatMap { Int64($0) } }

        /// Whether this is an HTML page, such as a proxy's or a captive portal's.
        var isPage: Bool {
            headers.first(name: "content-type").map { MediaType($0).text.hasPrefix("text/html") } ?? false
        }
    }
}

extension HTTPClientResponse {
    /// Whether the body ends before the connection does (RFC 9112, section 6.3).
    private var isFramed: Bool {
        headers.contains(name: "content-length") || headers.contains(name: "transfer-encoding")
            || [204, 304].contains(status.code)
    }

    /// Whether nothing comes after the headers (RFC 9112, section 6.3): such a body ends at once.
    private var isEmpty: Bool {
        [204, 304].contains(status.code)
            || headers[canonicalForm: "content-length"] == ["0"] && !headers.contains(name: "transfer-encoding")
    }

    /// Takes the body where nobody needs it, so that the connection can serve the next request. A body that takes long, or
    /// ends only with the connection, isn't waited for.
    func discardBody() async {
        if isEmpty {
            // Most answers to uploads are so, and there is nothing to watch the time for.
            _ = try? await body.collect(upTo: 0)
        } else if isFramed {
            _ = await beginning(upTo: 1 << 16, within: .seconds(1))
        }
    }

    /// What comes of the body, at most `limit` bytes and not for longer than `timeout`; nobody knows where a body without
    /// a length ends, so it isn't waited for longer than a second.
    func beginning(upTo limit: Int, within timeout: Duration) async -> [UInt8] {
        let taken = TakenBytes()
        let body = body
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    for try await chunk in body {
                        guard taken.append(chunk, upTo: limit) else { return }
                    }
                } catch {
                    // What has come is all that there is.
                }
            }
            group.addTask { [timeout = isFramed ? timeout : min(timeout, .seconds(1))] in
                try? await Task.sleep(for: timeout)
            }
            await group.next()
            group.cancelAll()
        }
        return taken.bytes
    }
}

/// Bytes that are kept even when nobody waits for further ones.
private final class TakenBytes: Sendable {
    private let storage = Mutex<[UInt8]>([])

    /// Adds a piece; false when there may be no other.
    func append(_ chunk: ByteBuffer, upTo limit: Int) -> Bool {
        storage.withLock {
            $0.append(contentsOf: chunk.readableBytesView.prefix(limit - $0.count))
            return $0.count < limit
        }
    }

    var bytes: [UInt8] { storage.withLock(\.self) }
}
