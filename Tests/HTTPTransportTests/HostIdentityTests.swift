import HTTPTransport
import Testing

@Suite("Whose certificate it is")
struct HostIdentityTests {
    private func isProven(_ host: String, by certificate: [UInt8]) throws -> Bool {
        guard let identity = HostIdentity(host: host) else { return false }
        return identity.isProven(by: try CertificateNames(der: certificate))
    }

    @Test(
        "a host's name is proven by its own name or a wildcard of its first label",
        arguments: [
            ("registry.example.com", "registry.example.com", true),
            ("registry.example.com", "REGISTRY.Example.COM", true),
            ("REGISTRY.example.com", "registry.example.com", true),
            ("registry.example.com.", "registry.example.com", true),
            ("registry.example.com", "registry.example.com.", false),
            ("registry.example.com", "*.example.com", true),
            ("example.com", "*.example.com", false),
            ("a.b.example.com", "*.example.com", false),
            ("a.b.example.com", "*.b.example.com", true),
            ("a.b.example.com", "a.*.example.com", false),
            ("registry.example.com", "reg*.example.com", false),
            ("registry.example.com", "*ry.example.com", false),
            ("registry.example.com", "*.*.com", false),
            ("localhost", "*", false),
            ("localhost", "localhost", true),
            (".example.com", "*.example.com", false),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", true),
            ("xn--bcher-kva.example", "*.example", true),
            ("bücher.example", "bücher.example", false),
            ("my_registry.local", "my_registry.local", true),
            ("example.com", "example.com\u{0}.evil.test", false),
            ("example.org", "example.com", false),
            ("notexample.com", "example.com", false),
        ]
    )
    func names(host: String, name: String, isProven expected: Bool) throws {
        #expect(try isProven(host, by: Certificate.make(names: ["other.test", name])) == expected)
    }

    @Test("neither an address nor a common name proves a name")
    func otherForms() throws {
        let loopback: [UInt8] = [127, 0, 0, 1]
        #expect(try !isProven("localhost", by: Certificate.make(addresses: [loopback])))
        #expect(try !isProven("localhost", by: Certificate.make(commonName: "localhost")))
        #expect(try !isProven("localhost", by: Certificate.make(commonName: "localhost", addresses: [loopback])))
        #expect(try !isProven("127.0.0.1", by: Certificate.make(commonName: "127.0.0.1", names: ["127.0.0.1"])))
    }

    @Test(
        "an address is proven by the same address alone",
        arguments: [
            ("127.0.0.1", [127, 0, 0, 1], true), ("127.0.0.2", [127, 0, 0, 1], false),
            ("[::1]", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ("::1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ("[::1]", [127, 0, 0, 1], false),
            ("[fe80::1%25eth0]", [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ("[::ffff:127.0.0.1]", [127, 0, 0, 1], true),
            ("127.0.0.1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], true),
            ("127.0.0.1", [127, 0, 0, 1, 0], false), ("127.1", [127, 0, 0, 1], false),
        ] as [(String, [UInt8], Bool)]
    )
    func addresses(host: String, address: [UInt8], isProven expected: Bool) throws {
        #expect(try isProven(host, by: Certificate.make(names: ["a.test"], addresses: [address])) == expected)
    }

    @Test("the identities of a certificate are listed")
    func words() throws {
        func identities(_ certificate: [UInt8]) throws -> String { try CertificateNames(der: certificate).identities }
        #expect(try identities(Certificate.make(names: ["a.test"], addresses: [[10, 0, 0, 1]])) == "a.test, 10.0.0.1")
        #expect(try identities(Certificate.make(commonName: "a\u{1B}[1m")) == "a[1m, but only as a common name")
        #expect(try identities(Certificate.make()) == "no host at all")
        #expect(try identities(Certificate.make(names: ["10.0.0.1"])) == "10.0.0.1, but only as a DNS name")
    }

    @Test("bytes that are not a certificate are an error of their own")
    func malformed() {
        #expect(throws: MalformedCertificateError.self) { try CertificateNames(der: [0x30, 0x03, 1, 2, 3]) }
        #expect(throws: MalformedCertificateError.self) { try CertificateNames(der: []) }
        let whole = Certificate.make(names: ["a.test"])
        for count in whole.indices { _ = try? CertificateNames(der: Array(whole[..<count])) }
    }
}
