import NIOCore
import NIOHTTP1

/// Refuses invalid responses before the client sees them: a status below 100 (RFC 9110, section 15), which would end
/// the process, and interim answers without end (section 15.2), which would keep a request waiting for ever.
final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    /// How many interim answers may come before the final one: servers send one now and then to say that they are at work.
    private static let mostInterim = 1000

    private var interim = 0
    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        if case .head(let head) = unwrapInboundIn(data), !accepts(head.status.code) {
            isRefused = true
            context.fireErrorCaught(HTTPParserError.invalidStatus)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }

    private func accepts(_ status: UInt) -> Bool {
        let isInterim = status < 200 && status != 101
        interim = isInterim ? interim + 1 : 0
        return status >= 100 && interim <= Self.mostInterim
    }
}
