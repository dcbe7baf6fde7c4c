import FoundationEssentials
import KbldWorkflows
import TestSupport
import Testing

@Suite("Logins of a job")
struct JobLoginTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func logins(_ text: String) throws -> String {
        let path = folder.path(of: "config.json")
        try Data(text.utf8).write(to: URL(filePath: path))
        return try JobDocuments.logins(of: path)
    }

    @Test("A config.json is taken as it is")
    func taken() throws {
        let text = #"{"auths": {"r.io": {"auth": "eDp5"}}, "HttpHeaders": {}}"#
        #expect(try logins(text) == text)
    }

    @Test(
        "A config.json without a login is refused, with where the logins are",
        arguments: [
            (#"{"auths": {}}"#, "no login; log in"), (#"{"auths": {"r.io": {}}}"#, "no login; log in"),
            (#"{"auths": {"r.io": {"auth": ""}}, "credsStore": "desktop"}"#, "the helper 'desktop' keeps them"),
        ]
    )
    func empty(text: String, reason: String) {
        let error = #expect(throws: JobDocumentError.self) { try logins(text) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test(
        "What isn't a config.json is refused",
        arguments: ["", "kind: Secret", "[]", "{}", #"{"auths": []}"#, #"{"auths": "x"}"#, #"{"auths": null}"#]
    )
    func refused(text: String) {
        let error = #expect(throws: JobDocumentError.self) { try logins(text) }
        #expect(error?.description.contains("config.json': it is not JSON with an object 'auths'; give") == true)
    }
}
