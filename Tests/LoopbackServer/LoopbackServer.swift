import ContainerImage
import NIOCore
import NIOPosix
public import RegistryServer

/// A registry in this process, and connections to it that send whatever a test likes.
public struct LoopbackServer: Sendable {
    /// Where it listens, on loopback.
    public let port: Int

    /// Runs `body` while a registry serves `content`.
    public static func serving<Value: Sendable>(
        _ content: any RegistryContent,
        passwords: PasswordFile? = nil,
        limits: ServerLimits = ServerLimits(connections: 100),
        access: (@Sendable (AccessRecord) -> Void)? = nil,
        _ body: @escaping @Sendable (LoopbackServer) async throws -> Value
    ) async throws -> Value {
        let server = RegistryServer(port: 0, content: content, passwords: passwords, limits: limits, access: access)
        return try await server.serve { host in
            try await body(LoopbackServer(port: Int(host.name.split(separator: ":").last ?? "") ?? 0))
        }
    }

    /// Runs `body` with a connection of its own, which is closed in the end.
    public func connected<Value: Sendable>(
        _ body: (_ connection: inout LoopbackConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = LoopbackConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&connection)
        }
    }

    /// Sends bytes by a connection of their own, and gives all that comes back until it ends.
    public func exchange(_ bytes: [UInt8]) async throws -> [UInt8] {
        try await connected { connection in
            // A server may close before it has read all.
            try? await connection.send(bytes)
            connection.finish()
            return await connection.rest()
        }
    }

    /// Sends one request, and gives its answer.
    public func request(
        _ method: String,
        _ path: String,
        _ headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> LoopbackAnswer {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        lines += headers.map { "\($0): \($1)" }
        if let body { lines.append("Content-Length: \(body.count)") }
        let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
        return LoopbackAnswer(try await exchange(Array(head.utf8) + (body ?? [])))
    }
}

/// A connection to a registry.
public struct LoopbackConnection {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// Sends bytes as they are.
    public func send(_ bytes: some Sequence<UInt8>) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Sends text as it is.
    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Says that nothing more will be sent.
    public func finish() { outbound.finish() }

    /// The next bytes; nil at the end.
    public mutating func next() async throws -> [UInt8]? {
        try await inbound.next().map { Array($0.readableBytesView) }
    }

    /// All that still comes, until the connection ends or breaks.
    public mutating func rest() async -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try? await next() { bytes += piece }
        return bytes
    }
}

/// An answer, taken apart.
public struct LoopbackAnswer: Sendable {
    /// The status; 0 where there was no answer.
    public let status: Int
    /// The headers, by their names in small letters.
    public let headers: [String: String]
    /// All after the head.
    public let body: [UInt8]

    /// Reads an answer.
    public init(_ bytes: [UInt8]) {
        let end = [13, 10, 13, 10] as [UInt8]
        let size = bytes.indices.first { bytes[$0...].starts(with: end) } ?? bytes.count
        let lines = String(decoding: bytes[..<size], as: UTF8.self).split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        headers = Dictionary(
            lines.dropFirst().compactMap { line in
                let halves = line.split(separator: ":", maxSplits: 1)
                return halves.count == 2
                    ? (halves[0].lowercased(), String(halves[1].drop { $0 == " " })) : nil
            }
        ) { first, _ in first }
        body = Array(bytes[min(size + 4, bytes.count)...])
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
