import ContainerImage
import FoundationEssentials
import RegistryClient
import TestSupport
import Testing

@Suite("Where logins are kept")
struct LoginKeeperTests {
    private let folder: TemporaryFolder
    private let registry: RegistryHost

    init() throws {
        folder = try TemporaryFolder()
        registry = try RegistryHost("r.example")
    }

    private func keeper(_ text: String) throws -> LoginKeeper {
        try folder.write(text, to: "config.json")
        return try LoginKeeper(variables: ["DOCKER_CONFIG": folder.path, "HOME": folder.path])
    }

    @Test(
        "What a file has of another kind is named",
        arguments: [
            (#"{"credsStore": 5}"#, "'credsStore' must be a string"),
            (#"{"auths": {"x": 5}}"#, "'auths.x' must be an object"),
            (#"{"credHelpers": []}"#, "'credHelpers' must be an object"), ("[]", "it must be an object"),
        ]
    )
    func malformed(text: String, reason: String) throws {
        let error = try #require(#expect(throws: CredentialError.self) { try keeper(text) })
        #expect("\(error)".hasSuffix("the file is not a valid docker config.json: \(reason)"))
    }

    @Test(
        "A helper is a program's name, and never a path",
        arguments: [
            (#"{"credsStore": "../x"}"#, "credsStore"), (#"{"credHelpers": {"r.example": "a/b"}}"#, "credHelpers"),
            (#"{"credsStore": "a\n"}"#, "credsStore"),
        ]
    )
    func path(text: String, field: String) async throws {
        let keeper = try keeper(text)
        let error = #expect(throws: CredentialError.self) { try keeper.helper(for: registry) }
        #expect(error.map { "\($0)".contains("'\(field)' must name a helper") } == true)
        let configuration = try #require(try DockerConfiguration(path: keeper.path))
        let repository = try Repository("r.example/app")
        await #expect(throws: CredentialError.self) { try await configuration.credential(for: repository) }
        #expect(await !configuration.hasLogin(for: repository))
    }

    @Test("A link that leads to nothing yet is the file, also where others are there")
    func link() throws {
        try folder.write("{}", to: "home/.config/containers/auth.json")
        try folder.write("", to: "home/.docker/other")
        let path = folder.path(of: "home/.docker/config.json")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere/config.json")
        #expect(try LoginKeeper(variables: ["HOME": folder.path(of: "home")]).path == path)
    }
}
