public import ContainerImage
import FoundationEssentials

/// What is said of some content: in-toto Attestation Framework, "Statement" of versions 0.1 and 1.
public struct InTotoStatement: Sendable, Equatable {
    /// What it is said of.
    public struct Subject: Sendable, Equatable {
        /// What the signer calls it; may be empty.
        public let name: String
        /// Digests by algorithms, in hexadecimal digits.
        public let digests: [String: String]
    }

    /// What it is said of: any of these.
    public let subjects: [Subject]
    /// What kind of thing is said.
    public let predicateType: String

    /// The predicate of a signature, which says nothing but that.
    public static let cosignSignature = "https://sigstore.dev/cosign/sign/v1"
    private static let types: Set = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"]

    /// Reads a statement.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(_ bytes: [UInt8]) throws(SignatureContentError) {
        let content = try SignatureContent.decode(Content.self, from: bytes, Self.shape)
        guard Self.types.contains(content.type) else {
            throw SignatureContentError("its statement is of the unknown type '\(content.type)'")
        }
        guard !content.subject.isEmpty else { throw SignatureContentError("its statement has no subject") }
        subjects = content.subject.map { Subject(name: $0.name ?? "", digests: $0.digest) }
        predicateType = content.predicateType
    }

    /// The subjects that are the content of `digest`.
    public func subjects(of digest: Digest) -> [Subject] {
        subjects.filter { $0.digests[digest.algorithm.rawValue] == digest.hex }
    }

    private struct Content: Decodable {
        struct Subject: Decodable {
            var name: String?
            var digest: [String: String]
        }
        var type: String
        var subject: [Subject]
        var predicateType: String
        enum CodingKeys: String, CodingKey {
            case type = "_type"
            case subject, predicateType
        }
    }

    private static let shape: JSONShape = .object(knowing: [
        "_type": .anything, "subject": .list(.object(knowing: ["name": .anything, "digest": .anything])),
        "predicateType": .anything, "predicate": .anything,
    ])
}
