import NIOCore
import NIOPosix
import Synchronization

/// A server on loopback that answers whatever it is sent with the same bytes, and closes the connection.
public struct AnsweringServer: Sendable {
    private let answer: Answer
    private let channel: any Channel

    private final class Answer: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let answer: Answer
        private var isAnswered = false

        init(_ answer: Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isAnswered else { return }
            isAnswered = true
            let bytes = answer.bytes.withLock(\.self)
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
            context.close(mode: .output, promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// Starts the server.
    public init() async throws {
        let answer = Answer()
        self.answer = answer
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// `host:port`.
    public var host: String { "127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// Answers with `bytes` from now on.
    public func answer(with bytes: [UInt8]) { answer.bytes.withLock { $0 = bytes } }

    /// Takes no further connections.
    public func stop() async { try? await channel.close() }
}
