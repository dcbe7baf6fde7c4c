import ContainerImage
import FoundationEssentials
import RegistryClient
import Testing

@Suite("Docker's configuration")
struct DockerConfigurationTests {
    private static let login = #"{"username":"alice","password":"s3cret-pw"}"#

    private func credential(_ text: String) async throws -> Credential? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "docker-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: folder.appending(path: "config.json"))
        let store = CredentialStore(variables: ["DOCKER_CONFIG": folder.path], prefix: "REGISTRY")
        return try await store.credential(for: Repository("reg.test/a/b"))
    }

    @Test(
        "what says nothing is passed over",
        arguments: [
            #"{"auths":{"reg.test":\#(login),"other.test":null}}"#,
            #"{"auths":{"reg.test":null,"https://reg.test/v1/":\#(login)}}"#,
            #"{"auths":{"reg.test":{},"https://reg.test/v2/":\#(login)}}"#,
            #"{"auths":{"reg.test":\#(login)},"credsStore":null,"credHelpers":null}"#,
            #"{"auths":{"reg.test":\#(login),"other.test":{"auth":"!"}},"HttpHeaders":{"X":1}}"#,
        ]
    )
    func passedOver(text: String) async throws {
        #expect(try await credential(text) == .password(username: "alice", password: "s3cret-pw"))
    }

    @Test(
        "there may be no logins at all",
        arguments: ["", "null", "{}", #"{"auths":null}"#, #"{"auths":{"reg.test":null}}"#]
    )
    func nothing(text: String) async throws { #expect(try await credential(text) == nil) }

    @Test(
        "what is of no known form is refused",
        arguments: ["[]", "{", #"{"auths":[]}"#, #"{"auths":{"reg.test":1}}"#]
    )
    func refused(text: String) async {
        await #expect(throws: CredentialError.self) { try await credential(text) }
    }
}
