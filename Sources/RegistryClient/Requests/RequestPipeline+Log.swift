import AsyncHTTPClient
import ContainerImage
import HTTPTransport
import Logging
import NIOHTTP1

extension RequestPipeline {
    /// Sends a request, and logs it with its answer.
    ///
    /// The line has method, address, status, duration and bytes; neither headers nor queries, for these may have secrets.
    ///
    /// - Parameter sent: The bytes of its body.
    func logged(
        _ method: HTTPMethod,
        _ url: RegistryURL,
        sending sent: Int64,
        _ send: () async throws -> HTTPClientResponse
    ) async throws -> HTTPClientResponse {
        guard logger.logLevel <= .debug else { return try await send() }
        let start = ContinuousClock.now
        func log(_ outcome: String, _ further: Logger.Metadata) {
            let milliseconds = Int64(max(0, min(start.duration(to: .now) / .milliseconds(1), 1e15)))
            let fields: Logger.Metadata = [
                "method": "\(method)", "url": "\(url)", "milliseconds": "\(milliseconds)", "sent_bytes": "\(sent)",
            ]
            logger.debug("\(method) \(url): \(outcome), \(milliseconds) ms", metadata: fields.merging(further) { $1 })
        }
        do {
            let response = try await send()
            let status = response.status.code
            let length = response.headers.first(name: "content-length").flatMap { Int64($0) }
            let received = method == .HEAD ? 0 : length
            let bytes =
                sent > 0
                ? "\(ByteCount(sent)) sent" : received.map { "\(ByteCount($0)) received" } ?? "a body of unknown length"
            log(
                "\(status), \(bytes)",
                ["status": "\(status)"].merging(received.map { ["received_bytes": "\($0)"] } ?? [:]) { $1 }
            )
            return response
        } catch {
            log("no answer", [:])
            throw error
        }
    }
}
