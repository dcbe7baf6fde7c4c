import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// One connection: HTTP/1 with the limits of this server.
///
/// Until somebody handles a connection it is only a channel, which may be dropped: the asynchronous form must be handled
/// once it is made, and a server that is cancelled leaves connections that it has just accepted.
struct RegistryChannel: ServerChildChannel, HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let handler: NIOLoopBound<ConnectionHandler>
    }

    let limits: ServerLimits
    let crowd: ConnectionCrowd
    let responder: HTTPChannelHandler.Responder

    /// Creates connections whose requests `responder` answers.
    init(limits: ServerLimits, crowd: ConnectionCrowd, dates: ResponseDates, responder: RegistryResponder) {
        self.limits = limits
        self.crowd = crowd
        self.responder = { request, writer, channel in
            let begin = ContinuousClock.now
            var response = await responder.respond(to: request, on: channel)
            response.headers[.date] = dates.now
            response.headers[.server] = "kbld"
            let (head, length) = (response.head, response.body.contentLength)
            var record = responder.access.map { _ in
                AccessRecord(request, from: channel, user: responder.user(of: request, answeredBy: head.status))
            }
            record?.status = head.status.code
            defer {
                if var record {
                    record.duration = .now - begin
                    responder.access?(record)
                }
            }
            do {
                try await writer.write(response: head, body: response.body)
                record?.bytes = length
            } catch is HTTPParserError {
                // Of that error the connection would make another response.
                throw ChannelError.inputClosed
            }
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.syncOptions?.setOption(.autoRead, value: false)
            let handler = ConnectionHandler(limits: limits, crowd: crowd)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: Self.headLimits
            )
            try pipeline.addHandler(handler)
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return Value(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
        }
    }

    private static var headLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 80 << 10
        limits.maxHeaderListSize = 80 << 10
        return limits
    }

    func handle(value: Value, logger: Logger) async {
        let channel = value.channel
        let connection = try? await channel.eventLoop.submit {
            guard !value.handler.value.isOver else { throw ChannelError.alreadyClosed }
            let connection = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
            let context = try channel.pipeline.syncOperations.context(handler: value.handler.value)
            value.handler.value.start(context)
            try channel.syncOptions?.setOption(.autoRead, value: true)
            return connection
        }.get()
        guard let connection else { return }
        await handleHTTP(asyncChannel: connection, logger: logger)
    }
}
