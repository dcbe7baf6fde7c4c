import FoundationEssentials
import HTTPTransport
import Testing

@Suite("Logins in addresses")
struct UserInformationTests {
    @Test(
        "user and password are what is escaped in the address",
        arguments: [
            ("http://user:p%40ss@h/x", "user:p@ss"), ("http://user@h/x", "user:"), ("http://a:b:c@h", "a:b:c"),
            ("http://:@h", ":"),
        ]
    )
    func credentials(address: String, login: String) {
        #expect(UserInformation(address: address)?.credentials == Data(login.utf8).base64EncodedString())
    }

    @Test("an address without them has none", arguments: ["http://h/a@b", "http://h?a@b", "h", "http://u:%4@h"])
    func none(address: String) {
        #expect(UserInformation(address: address) == nil)
    }
}
