import HTTPTransport
import Testing

@Suite("Proxies in the environment")
struct ProxySettingsTests {
    @Test(
        "exceptions with a port count for the port that is meant",
        arguments: [
            ("reg.test:443", "https", "reg.test", true), ("reg.test:443", "https", "reg.test:443", true),
            ("reg.test:443", "http", "reg.test", false), ("reg.test:80", "http", "reg.test", true),
            ("reg.test:5000", "https", "reg.test", false), ("reg.test:5000", "https", "reg.test:5000", true),
            ("test:443", "https", "reg.test", true), (".test:443", "https", "reg.test", true),
            ("reg.test", "https", "reg.test:5000", true), ("[2001:db8::1]:443", "https", "[2001:db8::1]", true),
            ("2001:db8::1", "https", "[2001:db8::1]:5000", true), ("REG.TEST:443", "https", "Reg.Test", true),
        ]
    )
    func ports(exception: String, scheme: String, authority: String, isExcluded: Bool) throws {
        let settings = try ProxySettings(variables: ["NO_PROXY": "other.test, \(exception)"])
        #expect(settings.excludes(authority, scheme: scheme) == isExcluded)
    }

    @Test(
        "what is no proxy's address is refused, and not repeated",
        arguments: ["http://[::1", "http://::1]:3128", "http://u:s3cret@", "http://a b", "ftp://proxy", "http://x:0"]
    )
    func refused(address: String) {
        let error = #expect(throws: ProxyError.self) { try ProxySettings(variables: ["https_proxy": address]) }
        #expect(error?.description.contains("https_proxy") == true)
        #expect(error?.description.contains("s3cret") == false)
    }
}
