import HTTPTypes
import HummingbirdCore
import NIOCore

/// A request that was answered, for an access log. There is no password or token in it.
public struct AccessRecord: Sendable {
    /// The client's address.
    public var client: String
    /// Who logged in; nil where nobody has to, and for a login that was refused.
    public var user: String?
    /// The method.
    public var method: String
    /// The path as it was sent, with those parts of the query that the protocol knows. It has at most 400 bytes.
    public var target: String
    /// The status of the answer.
    public var status: Int
    /// How many bytes the answer's body had; nil if it broke off.
    public var bytes: Int?
    /// How long it took, from the request's head to the answer's last byte.
    public var duration: Duration
    /// What the client calls itself, if it does; at most 200 bytes.
    public var userAgent: String?

    /// The parts of a query that are logged. Others may be anything, a token too.
    private static let parameters: Set<Substring> = [
        "artifactType", "digest", "digest-algorithm", "from", "last", "mount", "n", "ns", "tag",
    ]

    init(_ request: Request, from channel: any Channel, user: String?) {
        client = channel.remoteAddress?.ipAddress ?? "-"
        self.user = user
        method = Self.cut(request.method.rawValue, to: 20)
        let query = request.uri.queryParameters.filter { Self.parameters.contains($0.key) }
            .map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        target = Self.cut(Self.path(request.uri.path) + (query.isEmpty ? "" : "?" + query), to: 400)
        userAgent = request.headers[.userAgent].map { Self.cut($0, to: 200) }
        status = 0
        bytes = nil
        duration = .zero
    }

    /// The path of a target in absolute form too, where a password may stand before the host.
    private static func path(_ target: String) -> String {
        guard !target.hasPrefix("/") else { return target }
        let rest = target.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return rest.count == 4 ? "/" + rest[3] : "-"
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var cut = text
        while cut.utf8.count > limit - 3 { cut.removeLast() }
        return cut + "…"
    }
}
