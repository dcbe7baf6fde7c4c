import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on loopback that answers the first that it is sent on a connection, and closes it.
public struct AnsweringServer: Sendable {
    /// What is answered to a request; nil is silence.
    public typealias Reply = @Sendable (_ request: String) -> [UInt8]?

    /// `host:port`.
    public let host: String

    private let state: State
    private let channel: any Channel

    private final class State: Sendable {
        let reply: Mutex<Reply>
        let requests = Mutex<[String]>([])

        init(_ reply: @escaping Reply) { self.reply = Mutex(reply) }

        func reply(to request: String) -> [UInt8]? {
            requests.withLock { $0.append(request) }
            return reply.withLock(\.self)(request)
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let state: State
        let keepsOpen: Bool
        private var isAnswered = false

        init(_ state: State, keepsOpen: Bool) {
            self.state = state
            self.keepsOpen = keepsOpen
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isAnswered else { return }
            isAnswered = true
            guard let bytes = state.reply(to: String(buffer: unwrapInboundIn(data))) else { return }
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
            if !keepsOpen { context.close(mode: .output, promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// Starts a server that answers nothing, until it is told what.
    ///
    /// - Parameters:
    ///   - identity: What it proves to be, by TLS; nil for a server without.
    ///   - keepsOpen: Whether it leaves connections open once it has answered.
    public init(
        as identity: LoopbackIdentity? = nil,
        keepsOpen: Bool = false,
        _ reply: @escaping Reply = { _ in [] }
    ) async throws {
        let state = State(reply)
        let context = try identity?.serverContext
        self.state = state
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler(state, keepsOpen: keepsOpen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        host = "127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    /// The requests so far, as text.
    public var requests: [String] { state.requests.withLock(\.self) }

    /// Answers with `bytes` from now on, whatever is asked.
    public func answer(with bytes: [UInt8]) { state.reply.withLock { $0 = { _ in bytes } } }

    /// Takes no further connections.
    public func stop() async { try? await channel.close() }
}
