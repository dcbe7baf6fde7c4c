import ContainerImage
import NIOCore
import NIOPosix
import RegistryServer
import Testing

@Suite("A registry for as long as something needs it")
struct ServerScopeTests {
    private struct Failure: Error {}

    private static func server() -> RegistryServer {
        RegistryServer(content: MemoryStorage(), limits: ServerLimits(connections: 10))
    }

    private static func port(of host: RegistryHost) throws -> Int {
        try #require(host.name.split(separator: ":").last.flatMap { Int($0) })
    }

    /// A connection to a port of this machine.
    private static func connect(_ port: Int) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
    }

    @Test("it listens on a free port, and what the body gives comes out")
    func address() async throws {
        let ports = try await Self.server().serve { first in
            try await Self.server().serve { second in [try Self.port(of: first), try Self.port(of: second)] }
        }
        #expect(ports[0] > 0 && ports[1] > 0 && ports[0] != ports[1])
    }

    @Test("it ends with the body, and so do connections that are left open", arguments: [false, true])
    func end(throwing isThrowing: Bool) async throws {
        var port = 0
        var left: (any Channel)?
        do {
            try await Self.server().serve { host in
                port = try Self.port(of: host)
                left = try await Self.connect(port)
                if isThrowing { throw Failure() }
            }
            #expect(!isThrowing)
        } catch is Failure {
            #expect(isThrowing)
        }
        try await left?.closeFuture.get()
        await #expect(throws: (any Error).self) { try await Self.connect(port) }
    }

    @Test("an address that can't be listened on is named")
    func taken() async throws {
        try await Self.server().serve { host in
            let other = RegistryServer(port: try Self.port(of: host), content: MemoryStorage())
            let error = await #expect(throws: ListenError.self) { try await other.serve { _ in } }
            #expect(error?.address == host.name)
        }
    }

    @Test("a task that is cancelled cancels the body, and the registry with it")
    func cancellation() async throws {
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let serving = Task {
            try await Self.server().serve { host in
                ready.yield(try Self.port(of: host))
                try await Task.sleep(for: .seconds(600))
            }
        }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        serving.cancel()
        await #expect(throws: CancellationError.self) { try await serving.value }
        await #expect(throws: (any Error).self) { try await Self.connect(port) }
    }
}
