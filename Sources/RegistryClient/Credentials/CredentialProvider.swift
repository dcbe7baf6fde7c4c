public import ContainerImage

/// Something that has logins for registries: variables, a file, a program, a value of your own.
///
/// A client asks for one repository at a time. What it gets goes to the registry of that repository and to the token
/// server which that registry names, and nowhere else: not to other registries, nor to where a registry redirects to.
///
/// Only ``credential(for:)`` must be there. It is called for each token that is asked for, by several tasks at once; what
/// takes long to find out is best kept.
public protocol CredentialProvider: Sendable {
    /// Whether there is no login for any registry.
    var isEmpty: Bool { get }

    /// Makes sure that there is nothing which can't be used. Called before each request: it must not take long.
    ///
    /// - Throws: What is wrong, which then is the failure of the request.
    func check() throws

    /// Whether there seems to be a login for `repository`. It decides only whether the registry is asked how it wants to
    /// be shown one; what goes wrong here is told where the login is needed.
    func hasLogin(for repository: Repository) async -> Bool

    /// The login for `repository`; nil if there is none.
    ///
    /// - Throws: What keeps it from being had, which then is the failure of the request.
    func credential(for repository: Repository) async throws -> Credential?

    /// What is nearly a login for `repository`, in words that say why it isn't one; nil if nothing is.
    func nearMiss(for repository: Repository) -> String?
}

extension CredentialProvider {
    /// False: nobody knows before a registry is named.
    public var isEmpty: Bool { false }

    /// Nothing can be wrong.
    public func check() {}

    /// Nothing.
    public func nearMiss(for repository: Repository) -> String? { nil }

    /// Whether there is a login, as ``credential(for:)`` has it.
    public func hasLogin(for repository: Repository) async -> Bool {
        (try? await credential(for: repository)) != nil
    }
}

extension CredentialProvider where Self == CredentialStore {
    /// No login for any registry.
    public static var anonymous: CredentialStore { CredentialStore([]) }
}
