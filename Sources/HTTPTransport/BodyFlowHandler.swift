import NIOCore
import NIOHTTP1

/// Tells those who give bodies what their connection has taken.
final class BodyFlowHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let flows: BodyFlows
    private var flow: BodyFlow?

    /// Creates a handler for bodies among `flows`.
    init(_ flows: BodyFlows) { self.flows = flows }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            flow = flows.flow(of: head.uri)
            flow?.attach()
        case .body(let piece):
            guard let flow else { break }
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.whenComplete { _ in flow.take(piece.readableBytes) }
            context.write(data, promise: written)
            return
        case .end: flow = nil
        }
        context.write(data, promise: promise)
    }
}
