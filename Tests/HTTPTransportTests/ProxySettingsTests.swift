import FoundationEssentials
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
        "a host is excepted by its own name or one above it, in any case; a star excepts all",
        arguments: [
            ("registry.example.test", true), ("example.test", true), (".example.test", true), ("*.example.test", true),
            ("EXAMPLE.Test", true), ("other.test, *.example.test", true), ("*", true), ("", false), (",,", false),
            ("ample.test", false), ("registry.example.test.org", false), ("a.registry.example.test", false),
            ("test", true), (".registry.example.test", false), ("10.0.0.0/8", false),
        ]
    )
    func names(exceptions: String, isExcluded: Bool) throws {
        let settings = try ProxySettings(variables: ["NO_PROXY": exceptions])
        #expect(settings.excludes("registry.example.test", scheme: "https") == isExcluded)
        #expect(settings.excludes("Registry.Example.TEST:5000", scheme: "https") == isExcluded)
    }

    @Test(
        "an address is excepted by its text or by its network",
        arguments: [
            ("10.1.2.3", "10.0.0.0/8", true), ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3/32", true), ("10.1.2.3", "10.1.2.2/31", true), ("10.1.2.3", "10.1.2.4/31", false),
            ("10.1.2.3", "0.0.0.0/0", true), ("10.1.2.3", "::/0", false), ("[fd00::1]", "fd00::/8", true),
            ("[fe00::1]", "fd00::/8", false), ("[2001:db8::1]:443", "2001:db8::/33", true),
            // What is no network excepts nothing.
            ("10.1.2.3", "10.0.0.0/33", false), ("10.1.2.3", "10.0.0.0/-1", false), ("10.1.2.3", "10.0.0/8", false),
            ("10.1.2.3", "10.0.0.0/", false), ("10.1.2.3", "10.0.0.0/8/8", false), ("name.test", "10.0.0.0/8", false),
        ]
    )
    func networks(authority: String, exception: String, isExcluded: Bool) throws {
        let settings = try ProxySettings(variables: ["no_proxy": exception])
        #expect(settings.excludes(authority, scheme: "https") == isExcluded)
    }

    @Test(
        "this machine is never asked through a proxy",
        arguments: ["localhost", "LocalHost:5000", "127.0.0.1", "127.8.8.8:5000", "[::1]", "[::1]:5000"]
    )
    func loopback(authority: String) {
        #expect(ProxySettings().excludes(authority, scheme: "http"))
    }

    @Test(
        "nor is another excepted",
        arguments: ["127.0.0.1.example.test", "localhost.example.test", "10.0.0.1", "[::2]"]
    )
    func others(authority: String) {
        #expect(!ProxySettings().excludes(authority, scheme: "http"))
    }

    @Test(
        "variables count in capitals first, and an empty one not at all",
        arguments: [
            (["HTTPS_PROXY": "http://a:x@p", "https_proxy": "http://b:x@p"], "a:x"),
            (["HTTPS_PROXY": "", "https_proxy": "http://b:x@p"], "b:x"),
            (["https_proxy": "http://b:p%40ss@p/"], "b:p@ss"),
            (["HTTP_PROXY": "HTTP://b:x@p:3128"], "b:x"), (["ALL_PROXY": "http://b:x@p"], nil),
            (["HTTPS_PROXY": "p:3128"], nil), (["HTTPS_PROXY": "socks5://a:x@p"], nil), ([:], nil),
        ] as [([String: String], String?)]
    )
    func variables(variables: [String: String], login: String?) throws {
        let settings = try ProxySettings(variables: variables)
        let expected = login.map { [Data($0.utf8).base64EncodedString()] } ?? []
        #expect(settings.credentials == expected)
    }

    @Test(
        "an invalid proxy address is refused, and not repeated",
        arguments: ["http://[::1", "http://::1]:3128", "http://u:s3cret@", "http://a b", "ftp://proxy", "http://x:0"]
    )
    func refused(address: String) {
        let error = #expect(throws: ProxyError.self) { try ProxySettings(variables: ["https_proxy": address]) }
        #expect(error?.description.contains("https_proxy") == true)
        #expect(error?.description.contains("s3cret") == false)
    }
}
