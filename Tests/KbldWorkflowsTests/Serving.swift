import ContainerImage
import KbldWorkflows

/// Runs `body` with the `host:port` of a workflow that serves for as long.
func serving<Value: Sendable>(
    _ serve: @escaping @Sendable (ServeWorkflow) async throws -> Void,
    by options: ServeWorkflow.Options = ServeWorkflow.Options(host: "127.0.0.1", port: 0),
    telling lines: Lines,
    _ body: @escaping @Sendable (String) async throws -> Value
) async throws -> Value {
    let (addresses, listening) = AsyncStream.makeStream(of: String.self)
    let work = ServeWorkflow(
        options,
        log: { line in
            lines.sink(line)
            if let match = line.description.wholeMatch(of: #/listening on https?:\/\/(.*)/#) {
                listening.yield(String(match.1))
            }
        },
        warning: lines.sink,
        logError: lines.sink
    )
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            defer { listening.finish() }
            try await serve(work)
            return nil
        }
        group.addTask {
            for await address in addresses { return try await body(address) }
            return nil
        }
        defer { group.cancelAll() }
        while let value = try await group.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}
