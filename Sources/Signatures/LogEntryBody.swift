import ContainerImage
import Crypto
import FoundationEssentials

/// What a log has of a signature, by the kinds of entries that Rekor takes.
struct LogEntryBody {
    /// A signature that an entry must be of.
    struct Signed: Sendable {
        /// The SHA-256 of what is signed.
        let digest: [UInt8]
        let signature: [UInt8]
        /// The envelope's payload, for one in an envelope.
        let payload: [UInt8]?
        /// The certificate or key that it is by, in DER.
        let verifier: [UInt8]
    }

    struct Head: Decodable {
        var apiVersion: String
        var kind: String
    }

    /// Makes sure that `entry` is of `signed`.
    static func check(_ entry: LogEntry, of signed: Signed) throws(UntrustedSignerError) {
        let matches: Bool
        do throws(SignatureContentError) {
            matches =
                switch (entry.kind, entry.version) {
                case ("hashedrekord", "0.0.1"): try decode(HashedRekord1.self, entry).isOf(signed)
                case ("hashedrekord", "0.0.2"): try decode(HashedRekord2.self, entry).isOf(signed)
                case ("dsse", "0.0.1"): try decode(DSSE1.self, entry).isOf(signed)
                case ("dsse", "0.0.2"): try decode(DSSE2.self, entry).isOf(signed)
                case ("intoto", "0.0.2"): try decode(InToto2.self, entry).isOf(signed)
                default:
                    throw SignatureContentError(
                        "its log entry is of the unsupported kind '\(entry.kind) \(entry.version)'"
                    )
                }
        } catch {
            throw UntrustedSignerError(error.description)
        }
        guard matches else { throw UntrustedSignerError("its log entry is of another signature") }
    }

    private static func decode<Spec: Decodable>(
        _ type: Spec.Type,
        _ entry: LogEntry
    ) throws(SignatureContentError) -> Spec {
        let content = try SignatureContent.decode(Content<Spec>.self, from: entry.body, .anything)
        guard content.head.kind == entry.kind, content.head.apiVersion == entry.version else {
            throw SignatureContentError("its log entry is of another kind than it says")
        }
        return try content.spec.mapError { _ in SignatureContentError("it is not JSON of the expected form") }.get()
    }

    /// What an entry has, read once: of another kind than expected it has no such `spec`.
    private struct Content<Spec: Decodable>: Decodable {
        private enum Keys: CodingKey { case spec }

        let head: Head
        let spec: Result<Spec, any Error>

        init(from decoder: any Decoder) throws {
            head = try Head(from: decoder)
            let container = try decoder.container(keyedBy: Keys.self)
            spec = Result { try container.decode(Spec.self, forKey: .spec) }
        }
    }

    /// A hash in hexadecimal digits.
    private struct Hash: Decodable {
        var algorithm: String
        var value: String

        func isOf(_ digest: [UInt8]) -> Bool {
            algorithm == "sha256" && SignatureContent.bytes(ofHex: Array(value.utf8)) == digest
        }
    }

    /// A hash in base64.
    private struct Digest64: Decodable {
        var algorithm: String
        var digest: String

        func isOf(_ other: [UInt8]) -> Bool { algorithm == "SHA2_256" && isBase64(digest, of: other) }
    }

    private struct Verifier: Decodable {
        struct Bytes: Decodable { var rawBytes: String }
        var x509Certificate: Bytes?
        var publicKey: Bytes?

        func isOf(_ signed: Signed) -> Bool {
            (x509Certificate ?? publicKey).map { isBase64($0.rawBytes, of: signed.verifier) } == true
        }
    }

    private struct Signature2: Decodable {
        var content: String
        var verifier: Verifier

        func isOf(_ signed: Signed) -> Bool { isBase64(content, of: signed.signature) && verifier.isOf(signed) }
    }

    private struct HashedRekord1: Decodable {
        struct Content: Decodable { var hash: Hash }
        struct Key: Decodable { var content: String }
        struct Signature: Decodable {
            var content: String
            var publicKey: Key
        }
        var data: Content
        var signature: Signature

        func isOf(_ signed: Signed) -> Bool {
            data.hash.isOf(signed.digest) && isBase64(signature.content, of: signed.signature)
                && isPEM(signature.publicKey.content, of: signed.verifier)
        }
    }

    private struct HashedRekord2: Decodable {
        struct Content: Decodable {
            var data: Digest64
            var signature: Signature2
        }
        var hashedRekordV002: Content

        func isOf(_ signed: Signed) -> Bool {
            hashedRekordV002.data.isOf(signed.digest) && hashedRekordV002.signature.isOf(signed)
        }
    }

    private struct DSSE1: Decodable {
        struct Signature: Decodable {
            var signature: String
            var verifier: String
        }
        var payloadHash: Hash
        var signatures: [Signature]

        func isOf(_ signed: Signed) -> Bool {
            guard let payload = signed.payload, signatures.count == 1 else { return false }
            return payloadHash.isOf(Array(SHA256.hash(data: payload)))
                && isBase64(signatures[0].signature, of: signed.signature)
                && isPEM(signatures[0].verifier, of: signed.verifier)
        }
    }

    private struct DSSE2: Decodable {
        struct Content: Decodable {
            var payloadHash: Digest64
            var signatures: [Signature2]
        }
        var dsseV002: Content

        func isOf(_ signed: Signed) -> Bool {
            guard let payload = signed.payload, dsseV002.signatures.count == 1 else { return false }
            return dsseV002.payloadHash.isOf(Array(SHA256.hash(data: payload))) && dsseV002.signatures[0].isOf(signed)
        }
    }

    private struct InToto2: Decodable {
        struct Signature: Decodable {
            /// The signature's base64, in base64.
            var sig: String
            var publicKey: String
        }
        struct Envelope: Decodable { var signatures: [Signature] }
        struct Content: Decodable {
            var envelope: Envelope
            var payloadHash: Hash
        }
        var content: Content

        func isOf(_ signed: Signed) -> Bool {
            let signatures = content.envelope.signatures
            guard let payload = signed.payload, signatures.count == 1,
                let inner = Data(base64Encoded: signatures[0].sig)
            else { return false }
            return content.payloadHash.isOf(Array(SHA256.hash(data: payload)))
                && isBase64(String(decoding: inner, as: UTF8.self), of: signed.signature)
                && isPEM(signatures[0].publicKey, of: signed.verifier)
        }
    }
}

private func isBase64(_ text: String, of bytes: [UInt8]) -> Bool {
    Data(base64Encoded: text).map { $0.elementsEqual(bytes) } == true
}

/// Whether the base64 of a PEM text is of a certificate or key.
private func isPEM(_ text: String, of der: [UInt8]) -> Bool {
    guard let pem = Data(base64Encoded: text), let block = try? PEMBlock(only: Array(pem)) else { return false }
    return block.bytes == der
}
