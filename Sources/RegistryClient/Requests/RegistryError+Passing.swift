public import ImageStore

extension RegistryError: PassingError {
    /// Whether it may succeed later: an answer that isn't one of the protocol stays so, logins and outages don't.
    public var mayPass: Bool {
        switch reason {
        case .badResponse, .manifest, .redirect: false
        default: true
        }
    }

    /// Whether the registry can't be reached, rejects the login, or takes no more requests for now.
    public var isOutage: Bool { if case .transport = reason { true } else { isLoginRejected || isTooManyRequests } }
}
