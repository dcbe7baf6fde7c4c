import FoundationEssentials
import Signatures
import Testing

@Suite("Public keys")
struct PublicKeyTests {
    static func key(_ pem: String, name: String = "team.pub") throws(PublicKeyError) -> PublicKey {
        try PublicKey(pem: Array(pem.utf8), name: name)
    }

    private static func reason(_ pem: String) -> PublicKeyError.Reason? {
        do throws(PublicKeyError) {
            _ = try key(pem)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(
        "Signatures by openssl and others are valid, and no longer once any byte of them has changed",
        arguments: Fixtures.kinds
    )
    func signatures(kind: Fixtures.Kind) throws {
        let key = try Self.key(kind.pem)
        let payload = Array(Fixtures.payload.utf8)
        for text in kind.signatures {
            let signature = Array(try #require(Data(base64Encoded: text)))
            #expect(key.isValid(signature, for: payload))
            #expect((key.longestSignature * 9 / 10...key.longestSignature).contains(signature.count))
            for position in signature.indices {
                var altered = signature
                altered[position] ^= 1
                #expect(!key.isValid(altered, for: payload), "byte \(position)")
            }
            for position in payload.indices {
                var altered = payload
                altered[position] ^= 0x80
                #expect(!key.isValid(signature, for: altered), "byte \(position) of the payload")
            }
            #expect(!key.isValid(signature + [0], for: payload))
            #expect(!key.isValid(Array(signature.dropLast()), for: payload))
            #expect(!key.isValid([], for: payload))
        }
    }

    @Test("No key takes another's signature")
    func others() throws {
        for kind in Fixtures.kinds {
            let key = try Self.key(kind.pem)
            for other in Fixtures.kinds where other.testDescription != kind.testDescription {
                for text in other.signatures {
                    let signature = Array(try #require(Data(base64Encoded: text)))
                    #expect(!key.isValid(signature, for: Array(Fixtures.payload.utf8)))
                }
            }
        }
    }

    @Test("Both halves of an ECDSA signature will do, as they do for cosign")
    func halves() throws {
        let key = try Self.key(Fixtures.kinds[0].pem)
        for text in Fixtures.bothHalves {
            #expect(key.isValid(Array(try #require(Data(base64Encoded: text))), for: Array(Fixtures.payload.utf8)))
        }
    }

    @Test("A key is the same in both forms of RSA")
    func forms() throws {
        let rsa = try #require(Fixtures.kinds.last)
        #expect(try Self.key(rsa.pem).fingerprint == Self.key(Fixtures.pkcs1).fingerprint)
        #expect(try Self.key("text before it\n" + rsa.pem + "\n\n").fingerprint == Self.key(rsa.pem).fingerprint)
        #expect(try Self.key(rsa.pem.replacing("\n", with: "\r\n")).fingerprint == Self.key(rsa.pem).fingerprint)
    }

    @Test("What isn't one public key is refused")
    func refused() {
        let pem = Fixtures.kinds[0].pem
        #expect(Self.reason("") == .noBlock)
        #expect(Self.reason("ssh-ed25519 AAAA") == .noBlock)
        #expect(Self.reason(Fixtures.privateForm) == .privateKey)
        #expect(Self.reason("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nx") == .privateKey)
        #expect(Self.reason(pem + "\n" + pem) == .severalBlocks)
        #expect(Self.reason(pem + "\n" + Fixtures.privateForm) == .severalBlocks)
        #expect(Self.reason(pem.replacing("PUBLIC KEY", with: "CERTIFICATE")) == .otherBlock("CERTIFICATE"))
        #expect(Self.reason(pem.replacing("-----END PUBLIC KEY-----", with: "")) == .malformed)
        #expect(Self.reason(pem.replacing("\nM", with: "\n!")) == .malformed)
        #expect(Self.reason(pem.replacing("MFkw", with: "MFkx")) == .unsupported)
        #expect(Self.reason(Fixtures.weak) == .weak(bits: 1024))
        #expect(Self.reason(Fixtures.otherCurve) == .unsupported)
        #expect(Self.reason(String(repeating: " ", count: 70_000)) == .tooLong)
    }
}
