import ContainerImage
import HTTPTransport

/// All sessions, one for each registry.
actor RegistrySessions {
    private let options: RegistryOptions
    private let probeTimeout: Duration?
    private var sessions: [RegistryHost: RegistrySession] = [:]

    init(options: RegistryOptions, probeTimeout: Duration?) {
        self.options = options
        self.probeTimeout = probeTimeout
    }

    func session(for host: RegistryHost) -> RegistrySession {
        if let session = sessions[host] { return session }
        let mayFallBack = options.allowsPlainHTTP(to: host)
        let session = RegistrySession(
            host: host,
            allowsPlainHTTP: mayFallBack,
            startsWithPlainHTTP: options.hosts[host]?.usesPlainHTTP == true,
            requestsPerSecond: options.requestsPerSecond(to: host),
            probeTimeout: probeTimeout
        )
        sessions[host] = session
        return session
    }
}

/// What has been learnt about a registry: its scheme, how it wants requests to be authorized, and tokens.
///
/// The first request goes alone, as a probe; the others wait for what it learns, so that not each of them is refused
/// once for lack of a token. At an address of this machine where nobody is logged in they don't wait long: it may be a
/// tunnel to far away.
actor RegistrySession {
    private enum Probe {
        case none
        case out([CheckedContinuation<Void, Never>])
        case done
    }

    private enum Scheme {
        case https
        case http
        /// Plain HTTP was tried after HTTPS failed and hasn't answered yet.
        case tryingHTTP
    }

    let host: RegistryHost
    /// How many requests are under way, and may be sent a second.
    nonisolated let limit: RequestLimit
    private let mayFallBack: Bool
    private let probeTimeout: Duration?
    private var probe = Probe.none
    private var scheme = Scheme.https
    private var answeredHTTPS = false
    private var guessedWrong = false
    /// How the registry wants requests to be authorized, and what it was given: see RegistrySession+Authorization.swift.
    var authorizations = Authorizations()
    /// Which logins the registry has accepted.
    nonisolated let logins = LoginTrials()
    /// What was learnt about how the registry takes uploads.
    var habits = RegistryHabits()

    /// - Parameter probeTimeout: How long the others wait for the probe, nil for as long as it takes.
    init(
        host: RegistryHost,
        allowsPlainHTTP: Bool,
        startsWithPlainHTTP: Bool = false,
        requestsPerSecond: Double? = nil,
        probeTimeout: Duration?
    ) {
        self.host = host
        if startsWithPlainHTTP { scheme = .http }
        limit = RequestLimit(requestsPerSecond: requestsPerSecond)
        self.probeTimeout = probeTimeout
        mayFallBack = allowsPlainHTTP || host.isLoopback || host.isOnLocalNetwork
    }

    /// Lets a request pass; true for the first, which must call ``probeFinished()`` in the end.
    func admit() async throws -> Bool {
        try Task.checkCancellation()
        switch probe {
        case .none:
            probe = .out([])
            if let probeTimeout, host.isLoopback {
                Task {
                    try await Task.sleep(for: probeTimeout)
                    probeFinished()
                }
            }
            return true
        case .out(var waiting):
            await withCheckedContinuation { continuation in
                waiting.append(continuation)
                probe = .out(waiting)
            }
            try Task.checkCancellation()
            return false
        case .done: return false
        }
    }

    func probeFinished() {
        if case .out(let waiting) = probe {
            for continuation in waiting { continuation.resume() }
        }
        probe = .done
    }

    func url(for target: RegistryRequest.Target) throws -> RegistryURL {
        let base = RegistryURL(scheme: scheme == .https ? "https" : "http", authority: authority, pathAndQuery: "/")
        switch target {
        case .path(let path): return RegistryURL(scheme: base.scheme, authority: base.authority, pathAndQuery: path)
        case .address(let text):
            guard let url = base.resolving(text) else {
                throw RegistryError(
                    request: "\(base)",
                    reason: .badResponse("the registry's Location is not an http or https URL")
                )
            }
            guard url.isSecure || !base.isSecure else {
                // Behind a proxy that ends TLS, a registry may give its own address with the wrong scheme.
                guard url.authority == base.authority else {
                    throw RegistryError(
                        request: "\(base)",
                        reason: .redirect("a Location from https to plain http (\(url)) is not followed")
                    )
                }
                return url.with(scheme: "https")
            }
            // The same the other way round: a registry that doesn't speak https itself.
            return scheme == .http && url.authority == base.authority ? url.with(scheme: "http") : url
        }
    }

    /// The address as it can be asked: https at the very port where the registry speaks plain http can't be meant.
    func spoken(_ url: RegistryURL) -> RegistryURL {
        guard scheme == .http, url.isSecure, url.hasPort, url.authority == authority else { return url }
        return url.with(scheme: "http")
    }

    private var authority: String { host == .dockerHub ? "index.docker.io" : host.name }

    /// Whether `url` is this registry's, so that authorization may go there.
    func isOwn(_ url: RegistryURL) -> Bool {
        url.origin == RegistryURL(scheme: url.scheme, authority: authority, pathAndQuery: "/").origin
            && (url.isSecure || scheme != .https)
    }

    /// After a failure at `url`: whether plain HTTP is to be tried now.
    func fallsBack(from url: RegistryURL, after error: any Error) -> Bool {
        guard mayFallBack, url.isSecure, isOwn(url), !answeredHTTPS, TransportFailure.permitsPlainHTTP(error) else {
            return false
        }
        if scheme == .https { scheme = .tryingHTTP }
        return true
    }

    /// Whether the registry is spoken to over plain HTTP.
    var usesPlainHTTP: Bool { scheme != .https }

    /// Whether a request may try plain HTTP before HTTPS: on this machine alone, where nobody is in between, until one was
    /// answered.
    var mayGuessPlainHTTP: Bool { host.isLoopback && scheme == .https && !answeredHTTPS && !guessedWrong }

    /// Records whether plain HTTP was answered.
    func guessedPlainHTTP(rightly: Bool) {
        if !rightly { guessedWrong = true } else if !answeredHTTPS { scheme = .http }
    }

    /// Records an answer: a registry that speaks HTTPS is never downgraded.
    func answered(_ url: RegistryURL) {
        if url.isSecure { answeredHTTPS = true }
    }
    func keepsPlainHTTP() { if scheme == .tryingHTTP { scheme = .http } }
    func fallBackFailed() { if scheme == .tryingHTTP { scheme = .https } }
}
