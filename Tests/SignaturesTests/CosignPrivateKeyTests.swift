import FoundationEssentials
import Signatures
import Testing

/// Keys in the form of `cosign generate-key-pair`, made with PyNaCl and Python's scrypt, of nothing secret.
@Suite("Private keys that cosign encrypted")
struct CosignPrivateKeyTests {
    /// On P-256, with the rounds that cosign takes today.
    private static let sigstore = """
        -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
        eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
        OCwicCI6MX0sInNhbHQiOiJ4YThWNExGdzQzSTlGbjlWUkJhSUdhd25nWFRIUlFt
        RGZmK0NrTGFUakdVPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
        Iiwibm9uY2UiOiIvbytGNUhLaXpsNld0NVB1TWE3REdLMDFjVTlFZUN5eSJ9LCJj
        aXBoZXJ0ZXh0IjoiRGVEQ09wa3RxeWMyZUN6OFBTai93M1poTkFrOEM1UFR1c2Rn
        M3dTcGw4c1BBZjVJU0RHcUR2TnYwY09FVDljNFlPekVQTldRZENjYzRjMDFJeUlv
        bWpqRGpkRVd6NzNnSlRBbUtxakdONnZnZW1yVE9MenI5VHRWdGZiM2pJM1VRR0py
        WmgyWFd2dTZpeXk1Q0JVNjlGYjRYWStjb1ZnSlBscUY0RzZhanVWL1VRNUdiQWo1
        a210Z3ZuaUh2Q2tUWkhqZ0RxMmhENkcrckE9PSJ9
        -----END ENCRYPTED SIGSTORE PRIVATE KEY-----
        """
    private static let sigstorePublic = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEo/K2W+AMDfV53oVq0u1qHxL1Wg+F
        70Eno7mX3w8v9lLKaVWly7SxEr9CB3lZuHS3/izojS2zPze3uhZGqM0dFA==
        -----END PUBLIC KEY-----
        """
    /// Of Ed25519, in the older form.
    private static let cosign = """
        -----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----
        eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjozMjc2OCwiciI6
        OCwicCI6MX0sInNhbHQiOiIrRTNqLzRpeHordGx6MzhINDc2M2p5ODdqcUtqaTNJ
        NzBXVDY5RDRtN1Y0PSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
        Iiwibm9uY2UiOiJTUVBHcStodnVkUCt0U2IyajdKVkJpUThsVWdHdTlnSSJ9LCJj
        aXBoZXJ0ZXh0IjoiVEJFVWRrSitOUlQwWVFzZExhQW91S3pVbHdqb0Jab1BEd0Ew
        RHQvVktrc3RkbnFNRHdwOFl5amVtR1JIKzNCaUxYTWE2TTNYLzNMZ2x1cnZ3SnUy
        MkE9PSJ9
        -----END ENCRYPTED COSIGN PRIVATE KEY-----
        """
    private static let cosignPublic = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEA/nxci/o43g0IUEEstkr4TuEGlYWusAcNB3SrLJ6Yz0c=
        -----END PUBLIC KEY-----
        """
    /// On P-384.
    private static let other = """
        -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
        eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjoxMDI0LCJyIjo4
        LCJwIjoxfSwic2FsdCI6IjMwRW5zZEtTVVpLYnZYbE9xcjhjVW9wV2k4TWczclcv
        N2dPNlZZU1o4TTA9In0sImNpcGhlciI6eyJuYW1lIjoibmFjbC9zZWNyZXRib3gi
        LCJub25jZSI6Inl4b2htbFBIVU9jV0dxQ3J3akhSMlpDTGo5SkJqUEJJIn0sImNp
        cGhlcnRleHQiOiJlVGNwUjcwc0hSb2hveHBWbmFoYm1MRHFIR29ZTXZGSjI5dTZU
        WXE3T3VXb1IvS1phcTZqMGwrdXJISzA3ajJrUERyRysrSzFjQnE4eGN1c1pBelFJ
        Z0FtNjBHR21BSlYxc2w2QUl4ZlJvUmRRYnBoV3VkOVRYcDNhVHZXYVpHRk82ZWVD
        YlkzVnBsYU1yL2M3YWhPczFoNDN4d1N5NEprRDlRTnNiSzgvK0hCYkRWUFQ3V2tF
        dXplajdUNUhZbWpHR01veUtQVUdPNG9XQXNMOXBFMUVDUVRTNWlCYmlDUUp2V1NG
        Wkt6eTlGMEJ0eUZUdkgwckl0M3kxRVFCQk0xWGlBcDBIcU55VUYvIn0=
        -----END ENCRYPTED SIGSTORE PRIVATE KEY-----
        """

    /// The first key, with an empty passphrase and few rounds: a file, as people have it.
    private static var open: String {
        get throws {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../IntegrationTests/Scripts/cosign.key")
            return String(decoding: try Data(contentsOf: file), as: UTF8.self)
        }
    }

    private static func reason(_ pem: String, _ passphrase: String? = "secret") -> SigningKeyError.Reason? {
        do throws(SigningKeyError) {
            _ = try SigningKey(pem: Array(pem.utf8), name: "k", passphrase: passphrase.map { Array($0.utf8) })
            return nil
        } catch {
            return error.reason
        }
    }

    /// The JSON in the open key.
    private static func json() throws -> String {
        let base64 = try open.split(separator: "\n").dropFirst().dropLast().joined()
        return String(decoding: try #require(Data(base64Encoded: base64)), as: UTF8.self)
    }

    /// The open key, with `new` in place of all that begins with `old` up to the next of `,}`.
    private static func changed(_ old: String, _ new: String) throws -> String {
        let json = try json()
        let start = try #require(json.firstRange(of: old)).lowerBound
        let end = try #require(json[start...].firstIndex { ",}".contains($0) })
        return pem(json[..<start] + new + json[end...])
    }

    private static func pem(_ json: some StringProtocol) -> String {
        let label = "ENCRYPTED SIGSTORE PRIVATE KEY"
        let text = Data(json.utf8).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n"
    }

    @Test(
        "A passphrase opens a key",
        arguments: [(sigstore, "secret", sigstorePublic), (cosign, "secret", cosignPublic)]
    )
    func opens(pem: String, passphrase: String, publicPEM: String) throws {
        let key = try SigningKey(pem: Array(pem.utf8), name: "k", passphrase: Array(passphrase.utf8))
        let publicKey = try PublicKey(pem: Array(publicPEM.utf8), name: "k")
        #expect(key.publicKey.hint == publicKey.hint)
        #expect(publicKey.isValid(try key.signature(for: [1, 2, 3]), for: [1, 2, 3]))
        #expect(Self.reason(pem, passphrase + " ") == .wrongPassphrase)
        #expect(Self.reason(pem, nil) == .needsPassphrase)
    }

    @Test("A passphrase may be empty, but must be given")
    func emptyPassphrase() throws { try opens(pem: try Self.open, passphrase: "", publicPEM: Self.sigstorePublic) }

    @Test("A key that signs nothing here is told apart from a wrong passphrase")
    func kinds() {
        #expect(Self.reason(Self.other) == .unsupported)
        #expect(Self.reason(Self.other, "Secret") == .wrongPassphrase)
    }

    @Test(
        "Parameters that would take all memory, or for ever, are refused before they are used",
        arguments: [
            (#""N":"#, "1099511627776"), (#""N":"#, "1048576"), (#""N":"#, "9223372036854775807"), (#""N":"#, "0"),
            (#""N":"#, "-2"), (#""N":"#, "1000"), (#""N":"#, "1e99"), (#""r":"#, "1073741824"), (#""r":"#, "0"),
            (#""p":"#, "1048576"), (#""p":"#, "0"), (#""p":"#, "null"),
        ]
    )
    func bounds(name: String, value: String) throws {
        #expect(Self.reason(try Self.changed(name, name + value), "") == .damagedCosignKey)
    }

    @Test("What is damaged is refused")
    func damaged() throws {
        let json = try Self.json()
        #expect(Self.reason(Self.pem(json), "") == nil)
        for length in stride(from: 1, to: json.utf8.count, by: 37) {
            #expect(Self.reason(Self.pem(json.prefix(length)), "") == .damagedCosignKey)
        }
        for (name, value, reason) in [
            ("ciphertext", "AAAA", .damagedCosignKey), ("ciphertext", "", .damagedCosignKey),
            ("ciphertext", "?", .damagedCosignKey), ("nonce", "AAAA", .damagedCosignKey),
            ("ciphertext", String(repeating: "AAAA", count: 50), .wrongPassphrase), ("salt", "AAAA", .wrongPassphrase),
        ] as [(String, String, SigningKeyError.Reason)] {
            let pem = try Self.changed("\"\(name)\":", "\"\(name)\":\"\(value)\"")
            #expect(Self.reason(pem, "") == reason, "\(name) \(value)")
        }
        #expect(Self.reason(try Self.changed(#""name":"nacl"#, #""name":"aes""#), "") == .damagedCosignKey)
        #expect(Self.reason(try Self.changed(#""name":"scrypt"#, #""name":"argon2""#), "") == .damagedCosignKey)
        #expect(Self.reason(try Self.open + Self.open, "") == .severalBlocks)
    }
}
