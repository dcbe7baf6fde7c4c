import ContainerImage
import Signatures
import Testing

@Suite("Signatures of packages")
struct PackageEnvelopeTests {
    private static func statement(_ text: String = "manifest") -> PackageStatement {
        var statement = PackageStatement(
            name: "shop",
            sequence: 7,
            createdAt: "2026-01-01T00:00:00Z",
            manifest: Digest(of: Array(text.utf8)),
            metadata: Digest(of: [1]),
            images: ["r.io/a@\(Digest(of: [2]))"]
        )
        statement.bases = ["v1.tar"]
        statement.documents = Digest(of: [3])
        return statement
    }

    private static func key() throws -> SigningKey {
        try SigningKey(pem: Array(SigningKey.generate().privateKey.utf8), name: "release.key")
    }

    private static func signed(by keys: [SigningKey]) throws -> PackageEnvelope {
        var envelope = try PackageEnvelope(statement())
        for key in keys {
            envelope.add(try key.signature(for: envelope.envelope.signedBytes), by: key.publicKey.hint)
        }
        return envelope
    }

    @Test("An envelope comes back as it went, with those who signed it, each once")
    func roundTrip() throws {
        let keys = [try Self.key(), try Self.key()]
        let envelope = try PackageEnvelope(try Self.signed(by: [keys[0], keys[1], keys[0]]).encoded())
        #expect(envelope.statement == Self.statement())
        #expect(envelope.envelope.signatures.count == 2)
        let publicKeys = [keys[0], keys[1], keys[0], try Self.key()].map(\.publicKey)
        #expect(envelope.signers(among: publicKeys).map(\.hint) == [keys[0], keys[1]].map(\.publicKey.hint))
        let bundle = try PackageEnvelope(try Self.signed(by: [keys[0]]).bundle())
        #expect(bundle.signers(among: publicKeys).map(\.hint) == [keys[0].publicKey.hint])
        #expect(bundle.claimedKeys == [keys[0].publicKey.fingerprint])
    }

    @Test("What is signed is one package: a tarball's, or a layout's")
    func kinds() throws {
        var statement = Self.statement()
        statement.manifestName = "index.json"
        let text = String(decoding: try statement.encoded(), as: UTF8.self)
        #expect(try PackageStatement(Array(text.utf8)) == statement)
        #expect(try PackageStatement(Array(text.utf8)) != Self.statement())
        for (old, new) in [("kbld-notes.json", "manifest.json"), ("index.json", "other.json")] {
            #expect(throws: SignatureContentError.self) {
                try PackageStatement(Array(text.replacing(old, with: new).utf8))
            }
        }
    }

    @Test("With any byte of it changed nobody has signed it, but for the keys' names")
    func altered() throws {
        let key = try Self.key()
        let bytes = try Self.signed(by: [key]).encoded()
        for position in bytes.indices {
            var altered = bytes
            altered[position] ^= 1
            guard let envelope = try? PackageEnvelope(altered), !envelope.signers(among: [key.publicKey]).isEmpty else {
                continue
            }
            let around = String(decoding: bytes[max(0, position - 80)..<min(bytes.count, position + 8)], as: UTF8.self)
            #expect(around.contains("keyid"), "byte \(position): \(around)")
        }
    }

    @Test("A message's bundle is one that others can check")
    func message() throws {
        let (key, message) = (try Self.key(), Array("receipt".utf8))
        let signature = try ImageSignature(bundle: try key.bundle(of: message))
        #expect(signature.isValid(by: key.publicKey, for: Digest(of: message), manifest: message))
        #expect(!signature.isValid(by: try Self.key().publicKey, for: Digest(of: message), manifest: message))
    }

    @Test("Keys that can't sign are refused")
    func keys() throws {
        func reason(_ text: String) -> SigningKeyError.Reason? {
            do throws(SigningKeyError) {
                _ = try SigningKey(pem: Array(text.utf8), name: "k")
                return nil
            } catch {
                return error.reason
            }
        }
        let pem = SigningKey.generate().privateKey
        #expect(reason(Fixtures.kinds[0].pem) == .noKey && reason("") == .noKey)
        #expect(reason(pem + pem) == .severalBlocks)
        #expect(reason(Fixtures.privateForm) == .unsupported)
        #expect(reason(pem.replacing("PRIVATE KEY", with: "ENCRYPTED SIGSTORE PRIVATE KEY")) == .needsPassphrase)
        #expect(reason(pem.replacing("PRIVATE KEY", with: "ENCRYPTED PRIVATE KEY")) == .needsPassphrase)
    }
}
