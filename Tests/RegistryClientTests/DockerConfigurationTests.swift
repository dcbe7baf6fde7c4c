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

    @Test("a folder of the file's name is passed over, as Docker does")
    func folder() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "docker-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "config.json"),
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = CredentialStore(variables: ["DOCKER_CONFIG": folder.path], prefix: "REGISTRY")
        #expect(try await store.credential(for: Repository("reg.test/a/b")) == nil)
    }

    @Test("why the file can't be read is said in the system's words")
    func unreadable() throws {
        // Nobody may read the memory at address 0 of a process, whoever runs it.
        let error = #expect(throws: CredentialError.self) { try DockerConfiguration(path: "/proc/self/mem") }
        let text = try #require(error.map { "\($0)" })
        #expect(text.contains("Input/output error"), "\(text)")
        #expect(!text.contains("Cocoa"))
    }

    @Test(
        "what is of no known form is refused",
        arguments: ["[]", "{", #"{"auths":[]}"#, #"{"auths":{"reg.test":1}}"#]
    )
    func refused(text: String) async {
        await #expect(throws: CredentialError.self) { try await credential(text) }
    }
}
