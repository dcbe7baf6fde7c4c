import AsyncHTTPClient
import ContainerImage
import HTTPTransport
import NIOCore
import NIOSSL

/// The HTTP clients of a registry client: one for all hosts, and one for each whose certificates are checked in another
/// way. What is trusted belongs to a client's connections, so it can't be told apart within one.
struct RegistryTransport: Sendable {
    private let common: RoutedHTTPClient
    /// By host and port, in lower case.
    private let others: [String: RoutedHTTPClient]
    private let verifies: (all: Bool, others: [String: Bool])

    /// - Throws: `RegistryClientError.certificateAuthority` when a file of certificates can't be read.
    init(_ options: RegistryOptions) throws(RegistryClientError) {
        let authorities = try Self.certificates(options.certificateAuthorityPaths)
        common = Self.client(options, trusting: authorities, verifying: options.verifiesCertificates)
        var others: [String: RoutedHTTPClient] = [:]
        var verifies = (all: options.verifiesCertificates, others: [String: Bool]())
        for (host, own) in options.hosts where own.concernsCertificates {
            verifies.others[host.name.lowercased()] = own.verifiesCertificates
            others[host.name.lowercased()] = Self.client(
                options,
                trusting: authorities + (try Self.certificates(own.certificateAuthorityPaths)),
                verifying: own.verifiesCertificates ?? options.verifiesCertificates,
                showing: try own.clientCertificate.map { pair throws(RegistryClientError) in
                    (try Self.certificates([pair.certificate]), try Self.key(pair.key))
                }
            )
        }
        self.others = others
        self.verifies = verifies
    }

    private static func certificates(_ paths: [String]) throws(RegistryClientError) -> [NIOSSLCertificate] {
        var certificates: [NIOSSLCertificate] = []
        for path in paths {
            do {
                certificates += try PEMCertificates.read(path)
            } catch {
                throw .certificateAuthority(path: path, reason: error.reason)
            }
        }
        return certificates
    }

    private static func key(_ path: String) throws(RegistryClientError) -> NIOSSLPrivateKey {
        do {
            return try NIOSSLPrivateKey(file: path, format: .pem)
        } catch {
            throw .clientKey(path: path)
        }
    }

    private static func client(
        _ options: RegistryOptions,
        trusting authorities: [NIOSSLCertificate],
        verifying verifiesServers: Bool,
        showing own: (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey)? = nil
    ) -> RoutedHTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(min(10, options.silenceSeconds)), read: .seconds(options.silenceSeconds)),
            decompression: .disabled
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionsPerHost
        configuration.connectionPool.retryConnectionEstablishment = false
        return RoutedHTTPClient(
            configuration: configuration,
            tls: {
                var configuration = options.authorities.tlsConfiguration(adding: authorities)
                if let own {
                    configuration.certificateChain = own.chain.map { .certificate($0) }
                    configuration.privateKey = .privateKey(own.key)
                }
                return configuration
            },
            proxies: options.proxies,
            verifiesServers: verifiesServers
        )
    }

    private func client(for url: RegistryURL) -> RoutedHTTPClient {
        others.isEmpty ? common : others[url.authority] ?? common
    }

    /// Sends a request to `url`, whose text it has.
    func execute(
        _ request: HTTPClientRequest,
        to url: RegistryURL,
        flow: BodyFlow? = nil
    ) async throws -> HTTPClientResponse {
        try await client(for: url).execute(request, deadline: .distantFuture, flow: flow)
    }

    /// Whether the certificate of the host of `url` is checked.
    func verifiesCertificates(of url: RegistryURL) -> Bool { verifies.others[url.authority] ?? verifies.all }

    /// Whether requests to `url` take a proxy.
    func takesProxy(to url: RegistryURL) -> Bool {
        common.takesProxy(scheme: url.scheme, authority: url.authority)
    }

    /// Closes all connections.
    func shutdown() async throws {
        for client in [common] + others.values { try await client.shutdown() }
    }
}
