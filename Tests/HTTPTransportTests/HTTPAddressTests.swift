import HTTPTransport
import Testing

@Suite("Addresses")
struct HTTPAddressTests {
    @Test(
        "what must be escaped is, and what is escaped stays as it is",
        arguments: [
            (#"k=sha256%3Ab&s=a%2Bb%2F%3D&d=""#, "k=sha256%3Ab&s=a%2Bb%2F%3D&d=%22"),
            ("a|b", "a%7Cb"), ("{}", "%7B%7D"), ("[]", "%5B%5D"), ("^`", "%5E%60"), ("a\\b", "a%5Cb"),
            ("<>", "%3C%3E"), ("a b", "a%20b"), ("100%", "100%25"), ("%zz%4", "%25zz%254"), ("é", "%C3%A9"),
            ("e\u{301}", "e%CC%81"), ("\u{1F600}", "%F0%9F%98%80"), ("a+b'();*,!$@:~", "a+b'();*,!$@:~"),
            ("x=?&y=/", "x=?&y=/"), ("%2e%2E", "%2e%2E"), ("a\tb", "a%09b"),
        ]
    )
    func escaping(query: String, expected: String) {
        #expect(HTTPAddress("http://h/p%2Fq?" + query)?.text == "http://h/p%2Fq?" + expected)
        let base = HTTPAddress("https://r.io/v2/")
        #expect(base?.resolving("/p%2Fq?" + query)?.text == "https://r.io/p%2Fq?" + expected)
        #expect(base?.resolving("x?" + query)?.text == "https://r.io/v2/x?" + expected)
        #expect(base?.resolving("?" + query)?.text == "https://r.io/v2/?" + expected)
    }

    @Test(
        "a reference is resolved as RFC 3986 has it",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"), ("..", "http://a/b/"),
            ("../", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"), ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"), ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"), ("g/./h", "http://a/b/c/g/h"), ("g/../h", "http://a/b/c/h"),
            ("g?y/../x", "http://a/b/c/g?y/../x"), ("http://h?x", "http://h/?x"), ("HTTPS://H:1/x", "https://h:1/x"),
            ("http://u:p@h/x", "http://h/x"), ("http://a/b/../c//d", "http://a/c//d"),
        ]
    )
    func references(reference: String, expected: String) {
        #expect(HTTPAddress("http://a/b/c/d;p?q")?.resolving(reference)?.text == expected)
    }

    @Test(
        "other schemes, impossible hosts and ports are none",
        arguments: [
            "", "http+unix://%2Fvar%2Frun%2Fdocker.sock/x", "unix:///x", "https+unix://x/y", "file:///etc/passwd",
            "ftp://h/x", "javascript:alert(1)", "http://", "http://:80/", "http://h:0/", "http://h:99999/",
            "http://h:1x/", "http:///x", "https://b\u{FC}cher.example/", "http://a b/",
        ]
    )
    func refused(reference: String) {
        #expect(HTTPAddress(reference) == nil)
        #expect(HTTPAddress("http://a/b")?.resolving(reference) == nil)
    }

    @Test("a long address is read once")
    func length() throws {
        let segments = String(repeating: "../a/./", count: 20_000)
        let address = try #require(HTTPAddress("http://h/" + segments + String(repeating: "\"", count: 80_000)))
        #expect(address.text.hasPrefix("http://h/a/"))
    }
}
