import ContainerImage
import FoundationEssentials
import HTTPTransport
import LibC
import NIOCore
import NIOPosix
import NIOSSL

/// What is wrong with a registry's certificate, and what helps.
enum CertificateProblem: Equatable {
    /// Valid only until the date.
    case expired(String)
    /// Signed by an authority whose own certificate was valid only until the date.
    case expiredAuthority(String, String)
    /// Valid only from the date on.
    case notYetValid(String)
    /// For other hosts than the one that was asked; the texts say for which, and which was asked.
    case otherHost(String, asked: String)
    /// Self-signed.
    case selfSigned(String)
    /// Signed by an authority that isn't trusted.
    case unknownAuthority(String)
    /// Something else.
    case unknown

    /// The problem and the way out.
    var message: HintedText {
        let skip: HintedText = "\(hint: .skipVerification, after: "; ")"
        let trust: HintedText = "\(hint: .trustAuthority, after: ": ")\(skip)"
        return switch self {
        case .expired(let date): "the registry's certificate expired on \(date): have it renewed\(skip)"
        case .expiredAuthority(let name, let date):
            "the registry shows the certificate of an authority (\(name)) that expired on \(date): have it renewed"
                + skip
        case .notYetValid(let date):
            "the registry's certificate is not valid before \(date): is this machine's clock right?"
                + "\(hint: .skipVerification, after: " ")"
        case .otherHost(let names, let host):
            "the registry's certificate is for another host (\(names)), not for \(host): use the name that it is for"
                + skip
        case .selfSigned(let name):
            "the registry's certificate is self-signed (\(name)) and not trusted\(trust)"
        case .unknownAuthority(let name):
            "the registry's certificate is signed by an authority that is not trusted (\(name))\(trust)"
        case .unknown: "the registry's certificate is not trusted\(trust)"
        }
    }

    /// Finds out what was wrong, if need be by a connection of its own to `url`'s host that carries nothing else.
    static func find(at url: RegistryURL, after error: any Error, mayConnect: Bool) async -> CertificateProblem {
        if let error = error as? ServerIdentityError { return .otherHost(error.identities, asked: error.host) }
        guard mayConnect, let chain = try? await certificates(of: url), let leaf = chain.first else { return .unknown }
        let now = time(nil)
        let names = chain.map { try? CertificateNames(der: $0.toDERBytes()) }
        let subject = names.first??.subjectName ?? "no name"
        if leaf.notValidAfter < now { return .expired(day(leaf.notValidAfter)) }
        if let position = chain.firstIndex(where: { $0.notValidAfter < now }) {
            return .expiredAuthority(names[position]?.subjectName ?? "no name", day(chain[position].notValidAfter))
        }
        if leaf.notValidBefore > now { return .notYetValid(day(leaf.notValidBefore)) }
        if let first = names.first ?? nil, first.isSelfIssued { return .selfSigned(subject) }
        return .unknownAuthority((names.last ?? nil)?.issuerName ?? "no name")
    }

    static func day(_ seconds: time_t) -> String {
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return String(text.prefix(10))
    }

    /// What the server shows; nothing is verified, and the connection carries nothing else.
    ///
    /// - Parameter limit: How long connecting may take, and what follows, in seconds.
    static func certificates(of url: RegistryURL, within limit: Int64 = 5) async throws -> [NIOSSLCertificate] {
        let group = MultiThreadedEventLoopGroup.singleton
        let found = group.next().makePromise(of: [NIOSSLCertificate].self)
        let address = url.hostAndPort
        let isAddress = (try? SocketAddress(ipAddress: address.host, port: address.port)) != nil
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        let connecting = ClientBootstrap(group: group)
            .connectTimeout(.seconds(limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(
                        context: context,
                        serverHostname: isAddress ? nil : address.host,
                        customVerificationCallback: { certificates, verdict in
                            found.succeed(certificates)
                            verdict.succeed(.failed)
                        }
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(host: address.host, port: address.port)
        connecting.whenFailure { found.fail($0) }
        connecting.whenSuccess { channel in
            channel.closeFuture.whenComplete { _ in found.fail(ChannelError.eof) }
            channel.eventLoop.scheduleTask(in: .seconds(limit)) { channel.close(promise: nil) }
        }
        return try await found.futureResult.get()
    }
}
