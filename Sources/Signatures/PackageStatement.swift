public import ContainerImage
import FoundationEssentials

/// What is signed of a package: what it means, not the bytes of its file. `manifest.json`, or `index.json` of a layout,
/// leads to every other byte.
public struct PackageStatement: Sendable, Equatable {
    /// What the sender calls packages of this kind: sequences are those of one name.
    public var name: String
    /// Which of these packages is the newer one.
    public var sequence: Int64
    /// When it was made, as the sender says: RFC 3339. Nothing depends on it.
    public var createdAt: String
    /// The file that leads to all others: `manifest.json` or `index.json`.
    public var manifestName: String
    /// The digest of this file.
    public var manifest: Digest
    /// The digest of the package's metadata; nil where it has none.
    public var metadata: Digest?
    /// The images, by digest.
    public var images: [String]
    /// What the sender thought that the other side has, for a delta.
    public var bases: [String]
    /// The digest of the documents that named the images; nil where there were none.
    public var documents: Digest?

    /// The type of the predicate.
    public static let predicateType = "https://kbld.k14s.io/package/v1"
    private static let statementType = "https://in-toto.io/Statement/v1"
    private static let manifestNames = ["manifest.json", "index.json"]
    private static let metadataName = "kbld-notes.json"

    /// Creates a statement on a package with this `manifest.json`, or another file in its place, and these images.
    public init(
        name: String,
        sequence: Int64,
        createdAt: String,
        of manifestName: String = "manifest.json",
        manifest: Digest,
        metadata: Digest?,
        images: [String]
    ) {
        self.manifestName = manifestName
        self.name = name
        self.sequence = sequence
        self.createdAt = createdAt
        self.manifest = manifest
        self.metadata = metadata
        self.images = images
        bases = []
    }

    /// Reads a statement.
    ///
    /// - Throws: `SignatureContentError` where it is none of a package's.
    public init(_ bytes: [UInt8]) throws(SignatureContentError) {
        let json = try SignatureContent.decode(JSON.self, from: bytes, Self.shape, limit: Self.sizeLimit)
        guard json._type == Self.statementType, json.predicateType == Self.predicateType else {
            throw SignatureContentError("it is a statement of the type '\(json.predicateType)', not on a package")
        }
        func digest(of name: String) throws(SignatureContentError) -> Digest? {
            let subjects = json.subject.filter { $0.name == name }
            guard let subject = subjects.first else { return nil }
            guard subjects.count == 1, let digest = try? Digest("sha256:\(subject.digest.sha256)") else {
                throw SignatureContentError("its subject '\(name)' is not one digest")
            }
            return digest
        }
        let named = json.subject.map(\.name).filter(Self.manifestNames.contains)
        guard let manifestName = named.first, let manifest = try digest(of: manifestName) else {
            throw SignatureContentError(
                "it has no subject \(Self.manifestNames.map { "'\($0)'" }.joined(separator: " or "))"
            )
        }
        guard named.count == 1 else { throw SignatureContentError("its subjects are of two packages") }
        guard json.predicate.sequence >= 0 else { throw SignatureContentError("its sequence is negative") }
        let predicate = json.predicate
        self.init(
            name: predicate.name,
            sequence: predicate.sequence,
            createdAt: predicate.createdAt,
            of: manifestName,
            manifest: manifest,
            metadata: try digest(of: Self.metadataName),
            images: predicate.images
        )
        bases = predicate.bases ?? []
        if let text = predicate.documents {
            guard let digest = try? Digest(text) else { throw SignatureContentError("its documents are not a digest") }
            documents = digest
        }
    }

    /// How long a statement may be: it lists all images, in bytes.
    static let sizeLimit = 32 << 20

    /// The statement as JSON, the same for the same content.
    public func encoded() throws -> [UInt8] {
        var subjects = [JSON.Subject(name: manifestName, digest: .init(sha256: manifest.hex))]
        if let metadata { subjects.append(JSON.Subject(name: Self.metadataName, digest: .init(sha256: metadata.hex))) }
        let json = JSON(
            _type: Self.statementType,
            subject: subjects,
            predicateType: Self.predicateType,
            predicate: JSON.Predicate(
                name: name,
                sequence: sequence,
                createdAt: createdAt,
                images: images,
                bases: bases.isEmpty ? nil : bases,
                documents: documents?.description
            )
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(json))
    }

    private struct JSON: Codable {
        struct Subject: Codable {
            struct Digests: Codable { var sha256: String }
            var name: String
            var digest: Digests
        }
        struct Predicate: Codable {
            var name: String
            var sequence: Int64
            var createdAt: String
            var images: [String]
            var bases: [String]?
            var documents: String?
        }
        var _type: String
        var subject: [Subject]
        var predicateType: String
        var predicate: Predicate
    }

    private static let shape: JSONShape = .object(knowing: [
        "_type": .anything, "predicateType": .anything,
        "subject": .list(.object(knowing: ["name": .anything, "digest": .object(knowing: ["sha256": .anything])])),
        "predicate": .object(knowing: [
            "name": .anything, "sequence": .anything, "createdAt": .anything, "images": .anything, "bases": .anything,
            "documents": .anything,
        ]),
    ])
}
