public import ContainerImage
import LibC
import LocalFiles
import RegistryClient
import SystemPackage

/// Logins are checked and kept, or forgotten.
public struct LoginWorkflow: Sendable {
    /// Where a login is kept.
    public enum Place: Sendable, Equatable {
        /// In this file, in plain text.
        case file(String)
        /// By this program.
        case helper(String)
    }

    private let registry: RegistryHost
    private let keeper: LoginKeeper
    private let context: WorkflowContext

    /// Finds out where logins for `registry` are kept.
    ///
    /// - Throws: `CredentialError` when the configuration file can't be used.
    public init(to registry: RegistryHost, in context: WorkflowContext) throws {
        self.registry = registry
        self.context = context
        keeper = try LoginKeeper(variables: context.variables)
        place = try keeper.helper(for: registry).map { .helper($0) } ?? .file(keeper.path)
    }

    /// Where a login would be kept.
    public let place: Place

    /// Shows a login to the registry, and keeps it if it is accepted.
    ///
    /// - Returns: Whether the registry asked for it; false where everybody is let in.
    /// - Throws: `LoginError`, `RegistryError`, `CredentialError`, `TextFileError`; none has the password in it.
    public func logIn(username: String, password: String) async throws -> Bool {
        guard !username.isEmpty, !username.contains(":"), !Self.hasControls(username) else { throw LoginError.username }
        guard !password.isEmpty, !Self.hasControls(password) else { throw LoginError.password }
        let isAsked = try await context.withRegistryClient(
            credentials: StaticCredentials(username: username, password: password, for: registry)
        ) { try await $0.checkLogin(at: registry) }
        if case .helper = place {
            try await keeper.storeByHelper(username: username, password: password, for: registry)
        } else {
            try change { text in
                let name = LoginKeeper.name(of: registry)
                _ = text.remove { LoginKeeper.isName($0, of: registry) && $0 != name }
                text.set(username: username, password: password, for: name)
                return true
            }
        }
        return isAsked
    }

    /// Forgets the login for the registry, in the file and by the helper.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: `CredentialError`, `TextFileError`.
    public func logOut() async throws -> Bool {
        let wasKept = try await keeper.eraseByHelper(for: registry)
        var status = stat()
        guard stat(keeper.path, &status) == 0 else { return wasKept }
        let wasInFile = try change { text in text.remove { LoginKeeper.isName($0, of: registry) } }
        return wasKept || wasInFile
    }

    /// Control characters can't be sent in a login (RFC 7617, section 2).
    private static func hasControls(_ text: String) -> Bool { text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    private static let sizeLimit = 16 << 20

    /// Changes the file as a whole; others that change it meanwhile wait. Nobody else can read it then.
    ///
    /// - Parameter body: Returns whether there is anything to write.
    @discardableResult
    private func change(_ body: (inout DockerConfigurationText) -> Bool) throws -> Bool {
        let path = keeper.path
        makeFolder(of: path)
        let file: AtomicFile
        do {
            file = try AtomicFile(path: path, start: .anew, permissions: FilePermissions(rawValue: 0o600))
        } catch {
            throw TextFileError(path: path, reason: error.reason)
        }
        do {
            var status = stat()
            let bytes = stat(path, &status) == 0 ? try SmallFile.bytes(of: path, limit: Self.sizeLimit) : []
            var text = try DockerConfigurationText(bytes, path: path)
            guard body(&text) else {
                file.discard()
                return false
            }
            guard fchmod(file.descriptor.rawValue, 0o600) == 0 else { throw Errno(rawValue: errno) }
            _ = try file.descriptor.writeAll(text.bytes)
            try file.commit()
            return true
        } catch let error as AtomicFileError {
            throw TextFileError(path: path, reason: error.reason)
        } catch {
            file.discard()
            if let error = error as? SmallFileError { throw TextFileError(path: path, reason: error.reason) }
            throw error is CredentialError ? error : TextFileError(path: path, reason: "\(error)")
        }
    }

    /// What fails here shows when the file is written.
    private func makeFolder(of path: String) {
        let folder = FilePath(path).removingLastComponent()
        var made = FilePath(root: folder.root)
        for part in folder.components {
            made.append(part)
            _ = mkdir(made.string, 0o700)
        }
    }
}

/// A login that can't be sent.
public enum LoginError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The user's name is empty, or has characters that none can have.
    case username
    /// The password is empty, or has characters that none can have.
    case password

    /// What is wrong, without the password.
    public var description: String {
        switch self {
        case .username: "The user name must not be empty, nor have colons or control characters"
        case .password: "The password must not be empty, nor have control characters"
        }
    }
}
