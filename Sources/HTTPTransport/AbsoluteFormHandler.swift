import NIOCore
import NIOHTTP1

/// Writes requests as a proxy wants them that passes them on: with the whole address (RFC 9112, section 3.2.2).
final class AbsoluteFormHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let authorization: String?

    /// Creates a handler that shows `authorization` to the proxy, where it isn't nil.
    init(authorization: String?) { self.authorization = authorization }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        head.uri = "http://" + (head.headers.first(name: "host") ?? "") + head.uri
        if let authorization { head.headers.replaceOrAdd(name: "proxy-authorization", value: authorization) }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
