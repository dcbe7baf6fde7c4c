import FoundationEssentials
import HTTPTransport
import LoopbackServer
import NIOSSL
import TestSupport
import Testing

@Suite("Authorities that are trusted")
struct TrustedAuthoritiesTests {
    /// The certificates that are trusted beside those of the machine's own file.
    private func trusted(_ variables: [String: String], _ others: [NIOSSLCertificate] = []) -> [NIOSSLCertificate] {
        let configuration = TrustedAuthorities(variables: variables).tlsConfiguration(adding: others)
        return configuration.additionalTrustRoots.flatMap { roots -> [NIOSSLCertificate] in
            if case .certificates(let certificates) = roots { certificates } else { [] }
        }
    }

    @Test("A file that is named takes the place of the machine's; so do folders, whose files may have any name")
    func variables() throws {
        let folder = try TemporaryFolder()
        let identities = try (0..<3).map { try LoopbackIdentity(commonName: "authority \($0)", names: []) }
        let certificates = try identities.map { try $0.authority }
        let file = try folder.write(identities[0].pem, to: "file.pem")
        try folder.write("A comment\n" + identities[1].pem, to: "folder/any name")
        try folder.write("no certificate", to: "folder/a.txt")
        try folder.write(identities[2].pem, to: "more/c.pem")
        let paths = folder.path(of: "folder") + "/:/no/such/folder:" + folder.path(of: "more")
        #expect(trusted(["SSL_CERT_FILE": file, "SSL_CERT_DIR": "/no/such/folder"]) == [certificates[0]])
        #expect(trusted(["SSL_CERT_FILE": file, "SSL_CERT_DIR": paths]) == certificates)
        #expect(trusted(["SSL_CERT_FILE": "/no/such/file", "SSL_CERT_DIR": paths]) == Array(certificates[1...]))
        #expect(
            trusted(["SSL_CERT_FILE": file, "SSL_CERT_DIR": "/"], [certificates[2]]) == [
                certificates[2], certificates[0],
            ]
        )
    }

    @Test("Nothing else is trusted where a file and folders are named; TLS is 1.2 at least, and speaks HTTP/1.1")
    func configuration() {
        let authorities = TrustedAuthorities(variables: [
            "SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/no/such/folder",
        ])
        let configuration = authorities.tlsConfiguration()
        #expect(configuration.trustRoots == .certificates([]) && configuration.additionalTrustRoots.isEmpty)
        #expect(configuration.minimumTLSVersion == .tlsv12 && configuration.applicationProtocols == ["http/1.1"])
    }

    @Test("One file under two names counts once")
    func links() throws {
        let folder = try TemporaryFolder()
        try folder.write(try LoopbackIdentity(names: []).pem, to: "a.pem")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(of: "b.0"),
            withDestinationPath: folder.path(of: "a.pem")
        )
        #expect(trusted(["SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": folder.path]).count == 1)
    }

    @Test("All certificates of a file are read; keys, comments and what is damaged are passed over")
    func files() throws {
        let folder = try TemporaryFolder()
        let (one, two) = (try LoopbackIdentity(names: ["one"]), try LoopbackIdentity(names: ["two"]))
        let key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----\n"
        let damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        let indented = two.pem.split(separator: "\n").map { "  \($0)\r\n" }.joined()
        let path = try folder.write("# one\n\(one.pem)\(key)\(damaged)\(indented)# end", to: "chain.pem")
        #expect(try PEMCertificates.read(path) == [try one.authority, try two.authority])
    }

    @Test(
        "A file without any is an error that names it",
        arguments: [("text", "there is no PEM certificate in it"), (nil, "No such file or directory")]
            as [(String?, String)]
    )
    func unusable(text: String?, reason: String) throws {
        let folder = try TemporaryFolder()
        if let text { try folder.write(text, to: "x.pem") }
        let path = folder.path(of: "x.pem")
        let error = #expect(throws: PEMFileError.self) { try PEMCertificates.read(path) }
        #expect(error?.description == "Reading certificates from '\(path)': \(reason)")
    }
}
