import FoundationEssentials
import Testing

extension Lab {
    /// Runs `body` while a containerd of the lab's own runs, with the socket that it is asked by.
    func containerd<Value: Sendable>(_ body: @Sendable (_ socket: String) async throws -> Value) async throws -> Value {
        let socket = "\(folder)/containerd.sock"
        // The port for metrics tells when it is up.
        try write(
            """
            version = 2
            root = "\(folder)/containerd"
            state = "\(folder)/containerd-state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "\(socket)"
            [metrics]
            address = "127.0.0.1:0"
            """,
            to: "containerd.toml"
        )
        return try await serve("containerd", ["--config", "\(folder)/containerd.toml"]) { _ in
            for _ in 0..<500 where try await run("ctr", ["--address", socket, "version"]).status != 0 {}
            return try await body(socket)
        }
    }
}
