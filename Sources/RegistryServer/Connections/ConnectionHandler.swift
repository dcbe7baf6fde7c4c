import NIOCore
import NIOHTTP1

/// What HTTP/1 asks of a connection beside its messages: when it ends, `100 Continue`, and how long is waited.
///
/// It comes between the decoder and what turns messages into those of the server.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that has not been answered in full.
    private struct Exchange {
        let isKeptAlive: Bool
        let isOld: Bool
        var wantsContinue: Bool
    }

    private let limits: ServerLimits
    private let crowd: ConnectionCrowd
    private var exchanges: CircularBuffer<Exchange> = []
    /// Whether a request's body is still on its way.
    private var isReceiving = false
    /// Whether the next bytes are the other side's to send: the server has asked for them.
    private var isReading = false
    private var isEnding = false
    private var buffered = 0
    private var lastActivity = NIODeadline.now()
    private var timer: RepeatedTask?
    /// Whether the connection is over.
    private(set) var isOver = false
    /// What has come before anybody handles the connection: a client that sends all it has and says so isn't held back.
    private var early: [Event]? = []

    private enum Event {
        case part(HTTPServerRequestPart)
        case user(Any)
        case failure(any Error)
    }

    init(limits: ServerLimits, crowd: ConnectionCrowd) {
        self.limits = limits
        self.crowd = crowd
    }

    func handlerAdded(context: ChannelHandlerContext) {
        crowd.enter(context.channel)
        let step = TimeAmount(min(limits.idleTime, limits.crowdedIdleTime) / 2)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: step, delay: step) { _ in
            let (handler, context) = bound.value
            handler.checkActivity(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        timer = nil
        crowd.leave(context.channel)
    }

    /// Passes on what has arrived early, and everything immediately from then on.
    func start(_ context: ChannelHandlerContext) {
        let events = early ?? []
        early = nil
        for event in events {
            switch event {
            case .part(let part): channelRead(context: context, data: wrapInboundOut(part))
            case .user(let event): context.fireUserInboundEventTriggered(event)
            case .failure(let error): context.fireErrorCaught(error)
            }
        }
        if !events.isEmpty { channelReadComplete(context: context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard early == nil else {
            early?.append(.user(event))
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard early == nil else {
            early?.append(.failure(error))
            return
        }
        context.fireErrorCaught(error)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard early == nil else {
            early?.append(.part(unwrapInboundIn(data)))
            return
        }
        // What comes after the last answer is of no use; the other side gets to its end.
        guard !isEnding else { return }
        var part = unwrapInboundIn(data)
        switch part {
        case .head(var head):
            lastActivity = .now()
            isReceiving = true
            let isOld = head.version.major < 1 || (head.version.major == 1 && head.version.minor == 0)
            let exchange = Exchange(
                isKeptAlive: head.isKeepAlive,
                isOld: isOld,
                wantsContinue: !isOld
                    && head.headers["expect"].contains { $0.lowercased() == "100-continue" }
            )
            // The server goes by this one form.
            if !exchange.isKeptAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
            part = .head(head)
            exchanges.append(exchange)
            sendContinue(context)
        case .body:
            // What follows an answer doesn't make a connection worth waiting for.
            if !exchanges.isEmpty { lastActivity = .now() }
        case .end: isReceiving = false
        }
        context.fireChannelRead(wrapInboundOut(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        context.fireChannelReadComplete()
        if isEnding { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        isReading = true
        context.read()
    }

    /// RFC 9110, section 10.1.1. An answer comes after those to earlier requests.
    private func sendContinue(_ context: ChannelHandlerContext) {
        guard exchanges.count == 1, exchanges[exchanges.startIndex].wantsContinue else { return }
        exchanges[exchanges.startIndex].wantsContinue = false
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
            promise: nil
        )
    }

    // MARK: Responses

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        lastActivity = .now()
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if let exchange = exchanges.first {
                if !exchange.isKeptAlive {
                    head.headers.replaceOrAdd(name: "connection", value: "close")
                } else if exchange.isOld {
                    head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
                }
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            let isLast = exchanges.popFirst()?.isKeptAlive == false
            guard isLast else { return sendContinue(context) }
            isEnding = true
            context.read()
        }
    }

    // MARK: Time

    /// Closes the connection when nothing has come from the other side, or gone to it, for too long while that was its
    /// turn.
    private func checkActivity(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if waiting != buffered {
            buffered = waiting
            lastActivity = now
        }
        // The server has its turn: it makes the answer, or is too busy for more of the request.
        if !exchanges.isEmpty, waiting == 0, !(isReceiving && isReading) { lastActivity = now }
        let limit = isEnding || crowd.isDense ? limits.crowdedIdleTime : limits.idleTime
        if now - lastActivity >= TimeAmount(limit) { context.close(promise: nil) }
    }
}
