import ContainerImage
import FoundationEssentials
import RegistryClient
import Testing

@Suite("Logins in the text of Docker's configuration")
struct DockerConfigurationTextTests {
    private func text(_ text: String) throws -> DockerConfigurationText {
        try DockerConfigurationText(Array(text.utf8), path: "config.json")
    }

    private func string(_ text: DockerConfigurationText) -> String { String(decoding: text.bytes, as: UTF8.self) }

    private struct File: Decodable {
        struct Entry: Decodable { var auth: String? }
        var auths: [String: Entry]
    }

    private func logins(_ text: DockerConfigurationText) throws -> [String: String?] {
        try JSONDecoder().decode(File.self, from: Data(text.bytes)).auths.mapValues(\.auth)
    }

    @Test(
        "A login goes in wherever there is room, and out again",
        arguments: [
            "", "null", " \n", "{}", "{ }\n", #"{"auths": {}}"#, #"{"auths": null, "a": 1}"#,
            #"{"credsStore":"x","auths" : { "b.example" : { "auth":"x" } , "c\u002eexample":{}}}"#,
            #"{"a": {"auths": {"r.example": {}}}, "b": "}\"{,"}"#, "{\n\t\"auths\": {\n\t\t\"b.example\": {}\n\t}\n}",
        ]
    )
    func inAndOut(before: String) throws {
        var text = try text(before)
        let names = text.names
        text.set(username: "alice", password: "s3:cret", for: "r.example:5000")
        #expect(try logins(text)["r.example:5000"] == Data("alice:s3:cret".utf8).base64EncodedString())
        #expect(Set(text.names) == Set(names).union(["r.example:5000"]))
        text.set(username: "bob", password: "other", for: "r.example:5000")
        #expect(try logins(text)["r.example:5000"] == Data("bob:other".utf8).base64EncodedString())
        #expect(text.names.count == names.count + 1)
        #expect(text.remove { $0 == "r.example:5000" })
        #expect(text.names == names)
        #expect(!text.remove { $0 == "r.example:5000" })
        #expect(try JSONDecoder().decode(File.self, from: Data(text.bytes)).auths.count == names.count)
    }

    @Test("Everything else stays, byte for byte")
    func others() throws {
        let before = "{ \"x\" : [1,  2],\n \"auths\": {\"r.example\": {\"auth\": \"YTpi\"} },\"y\":{} }"
        var text = try text(before)
        text.set(username: "a", password: "b", for: "s.example")
        #expect(string(text).hasPrefix("{ \"x\" : [1,  2],\n \"auths\": {"))
        #expect(string(text).hasSuffix("\"r.example\": {\"auth\": \"YTpi\"} },\"y\":{} }"))
        #expect(text.remove { $0 == "s.example" } && string(text) == before)
        #expect(text.remove { $0 == "r.example" })
        #expect(string(text) == "{ \"x\" : [1,  2],\n \"auths\": { },\"y\":{} }" || text.names.isEmpty)
    }

    @Test(
        "What isn't of the form is refused",
        arguments: [
            "[]", "{", "1", #"{"auths": []}"#, #"{"auths": 1}"#, #"{"auths": {}, "auths": {}}"#, "{} {}",
            #"{"auths": {"x": 5}}"#, #"{"auths": {"x": {"auth": 5}}}"#, #"{"credsStore": 5}"#,
            #"{"credHelpers": {"x": []}}"#,
        ]
    )
    func malformed(before: String) {
        #expect(throws: CredentialError.self) { try text(before) }
    }
}
