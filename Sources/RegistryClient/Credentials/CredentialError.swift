public import ContainerImage

/// Why credentials are unavailable.
public enum CredentialError: Error, Sendable, CustomStringConvertible {
    /// An environment variable lacks its companion.
    case environment(variable: String, missing: String)
    /// An environment variable begins as those of credentials do, but is none.
    case unknownVariable(String, prefix: String)
    /// A configuration file can't be read or isn't of the form.
    case configuration(path: String, reason: String)
    /// A credential helper failed.
    case helper(program: String, HelperAction, registry: String, reason: String)
    /// A provider of someone else failed.
    case provider(registry: RegistryHost, cause: any Error)

    /// What a credential helper was asked to do.
    public enum HelperAction: String, Sendable {
        /// To give a login.
        case get
        /// To keep a login.
        case store
        /// To forget a login.
        case erase
    }

    /// What failed, and where.
    public var description: String {
        switch self {
        case .environment(let variable, let missing):
            "The environment variable \(variable) is set but \(missing) is not; set both"
        case .unknownVariable(let variable, let prefix):
            "The environment variable \(variable) is not known; known are \(prefix)_HOSTNAME, _USERNAME, _PASSWORD, "
                + "_IDENTITY_TOKEN and _REGISTRY_TOKEN, each with or without a suffix such as _0"
        case .configuration(let path, let reason): "Reading credentials from '\(path)': \(reason)"
        case .helper(let program, .get, let registry, let reason):
            "Asking the credential helper \(program) for \(registry): \(reason)"
        case .helper(let program, .store, let registry, let reason):
            "Storing the login for \(registry) by the credential helper \(program): \(reason); nothing was stored"
        case .helper(let program, .erase, let registry, let reason):
            "Removing the login for \(registry) by the credential helper \(program): \(reason); "
                + "it may still have it"
        case .provider(let registry, let cause): "Getting the login for \(registry): \(cause)"
        }
    }

    /// What a provider threw when it was asked for a registry, as an error that names it.
    static func naming(_ registry: RegistryHost, _ error: any Error) -> any Error {
        error is CredentialError || error is CancellationError
            ? error : CredentialError.provider(registry: registry, cause: error)
    }
}
