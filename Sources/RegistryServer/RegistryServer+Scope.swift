public import ContainerImage

/// A registry for as long as something needs it, such as a test.
extension RegistryServer {
    /// Serves while `body` runs, in this process: a test pushes to it and pulls from it over a real connection, and nothing
    /// is left when it is over.
    ///
    /// ```swift
    /// let server = RegistryServer(content: MemoryStorage())
    /// try await server.serve { host in
    ///     let repository = client.repository(try Repository("\(host)/app"))
    ///     …
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - isolation: The actor that `body` runs on; the caller's, unless another one is given.
    ///   - body: Is called once connections are taken, with the host and the port where the registry listens: the port is
    ///     one that was free where ``init(host:port:content:certificate:passwords:limits:access:report:)`` was given 0.
    /// - Returns: What `body` gives, once all connections are closed.
    /// - Throws: `ListenError` when the address can't be listened on, `ReferenceError` when it can't be a registry's; what
    ///   `body` throws.
    public func serve<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RegistryHost) async throws -> Value
    ) async throws -> Value {
        let (ports, listening) = AsyncThrowingStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Void.self, isolation: isolation) { group in
            group.addTask {
                do {
                    try await run { listening.yield($0) }
                    listening.finish()
                } catch {
                    listening.finish(throwing: error)
                }
            }
            defer { group.cancelAll() }
            for try await port in ports { return try await body(RegistryHost("\(authorityHost):\(port)")) }
            throw CancellationError()
        }
    }

    /// The host as it stands in an address: one of IPv6 in brackets.
    private var authorityHost: String { host.contains(":") ? "[\(host)]" : host }
}
