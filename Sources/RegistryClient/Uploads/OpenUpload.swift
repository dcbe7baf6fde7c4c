import HTTPTransport
import NIOHTTP1

/// An upload that a registry has opened.
struct OpenUpload: Sendable {
    /// Where the next request of it goes.
    var location: RegistryURL
    /// The smallest chunk that the registry takes, but for the last (`OCI-Chunk-Min-Length`), in bytes; 0 where any will do.
    let minimumChunk: Int64

    /// Reads the answer that opens an upload; nil if it doesn't say where the bytes go.
    init?(_ response: RequestPipeline.Response) {
        guard let text = response.headers.first(name: "location"), let url = response.url.resolving(text) else {
            return nil
        }
        location = url
        minimumChunk = response.headers.first(name: "oci-chunk-min-length").flatMap(UploadRange.length) ?? 0
    }

    /// Follows the location that an answer gives.
    mutating func follow(_ response: RequestPipeline.Response) {
        if let next = response.headers.first(name: "location").flatMap({ response.url.resolving($0) }) {
            location = next
        }
    }
}
