import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// What is wrong with a registry's certificate, and which flag helps.
enum CertificateProblem: Equatable, CustomStringConvertible {
    /// Valid only until the date.
    case expired(String)
    /// Valid only from the date on.
    case notYetValid(String)
    /// For another host than the one that was asked; the text says for which.
    case otherHost(String)
    /// Signed by itself.
    case selfSigned(String)
    /// Signed by an authority that isn't trusted.
    case unknownAuthority(String)
    /// Something else; the text is the TLS library's.
    case unknown(String)

    /// The problem and the way out.
    var description: String {
        let skip = "--registry-verify-certs=false skips the check"
        let trust = "name its authority's file with --registry-ca-cert-path; \(skip)"
        return switch self {
        case .expired(let date): "the registry's certificate expired on \(date): have it renewed; \(skip)"
        case .notYetValid(let date):
            "the registry's certificate is valid only from \(date) on: is this machine's clock right? \(skip)"
        case .otherHost(let name):
            "the registry's certificate is for another host (\(name)): use the name that it is for; \(skip)"
        case .selfSigned(let name):
            "the registry's certificate is signed by itself (\(name)) and not trusted: \(trust)"
        case .unknownAuthority(let name):
            "the registry's certificate is signed by an authority that is not trusted (\(name)): \(trust)"
        case .unknown(let text): "the registry's certificate is not trusted (\(text)): \(trust)"
        }
    }

    /// Looks at the certificates of `url`'s host, over a connection of its own that carries nothing else.
    static func find(at url: RegistryURL, after error: any Error) async -> CertificateProblem {
        guard let chain = try? await certificates(of: url), let leaf = chain.first else { return .unknown("\(error)") }
        let now = time(nil)
        let names = chain.map { try? CertificateNames(der: $0.toDERBytes()) }
        let subject = names.first??.subjectName ?? "no name"
        if leaf.notValidAfter < now { return .expired(day(leaf.notValidAfter)) }
        if leaf.notValidBefore > now { return .notYetValid(day(leaf.notValidBefore)) }
        let text = "\(error)"
        if text.contains("failedToValidateHostname") || text.contains("HostnameImpossible") {
            return .otherHost(subject)
        }
        if let first = names.first ?? nil, first.isSelfIssued { return .selfSigned(subject) }
        return .unknownAuthority((names.last ?? nil)?.issuerName ?? "no name")
    }

    private static func day(_ seconds: time_t) -> String {
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return String(text.prefix(10))
    }

    private static func certificates(of url: RegistryURL) async throws -> [NIOSSLCertificate] {
        let group = MultiThreadedEventLoopGroup.singleton
        let found = group.next().makePromise(of: [NIOSSLCertificate].self)
        let address = url.hostAndPort
        let isAddress = (try? SocketAddress(ipAddress: address.host, port: address.port)) != nil
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        let connecting = ClientBootstrap(group: group)
            .connectTimeout(.seconds(5))
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
            channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
        }
        return try await found.futureResult.get()
    }
}

/// Issuer and subject of a certificate: X.509 (RFC 5280, section 4.1), as far as messages need it.
package struct CertificateNames {
    private let issuer: ArraySlice<UInt8>
    private let subject: ArraySlice<UInt8>

    /// Finds the names.
    ///
    /// - Throws: `CancellationError` when the bytes are no certificate.
    package init(der: [UInt8]) throws {
        var outer = DERElements(der[...])
        var certificate = DERElements(try outer.next().content)
        var fields = DERElements(try certificate.next().content)
        var first = try fields.next()
        // The version is left out in version 1.
        if first.tag == 0xA0 { first = try fields.next() }
        _ = try fields.next()
        issuer = try fields.next().content
        _ = try fields.next()
        subject = try fields.next().content
    }

    package var isSelfIssued: Bool { issuer.elementsEqual(subject) }
    package var issuerName: String { Self.commonName(in: issuer) }
    package var subjectName: String { Self.commonName(in: subject) }

    /// The common name (2.5.4.3), without what a terminal might obey.
    private static func commonName(in name: ArraySlice<UInt8>) -> String {
        var sets = DERElements(name)
        while let set = try? sets.next() {
            var attributes = DERElements(set.content)
            while let attribute = try? attributes.next() {
                var parts = DERElements(attribute.content)
                guard let type = try? parts.next(), let value = try? parts.next() else { continue }
                guard type.content.elementsEqual([0x55, 0x04, 0x03]) else { continue }
                let printable = value.content.prefix(200).filter { $0 >= 32 && $0 < 127 }
                return String(decoding: printable, as: UTF8.self)
            }
        }
        return "no name"
    }
}

/// The elements of a DER sequence (X.690), one after the other.
private struct DERElements {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() throws -> (tag: UInt8, content: ArraySlice<UInt8>) {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { throw CancellationError() }
        var length = Int(first)
        if first & 0x80 != 0 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), rest.count >= count else { throw CancellationError() }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard rest.count >= length else { throw CancellationError() }
        defer { rest = rest.dropFirst(length) }
        return (tag, rest.prefix(length))
    }
}
