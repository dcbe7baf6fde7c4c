import ContainerImage
import DocumentInput
import KbldConfiguration
import Resolution

/// The references whose images are packaged or relocated: those of the documents, and those that locks give.
struct PackagedReferences: Sendable {
    /// The references as written and parsed, sorted as written.
    private let references: [(text: String, parsed: DigestReference)]

    /// - Throws: `UnresolvedReferenceError` for one without a digest.
    init(_ manifests: InputDocuments) throws(UnresolvedReferenceError) {
        let update = ReferenceUpdate(manifests.configuration)
        let locked = manifests.configuration.overrides.filter(\.preresolved).map(\.newImage)
        let texts = Set(update.references(in: manifests.resources) + locked).sorted()
        var references: [(String, DigestReference)] = []
        for text in texts {
            do {
                references.append((text, try DigestReference(text)))
            } catch {
                throw UnresolvedReferenceError(reference: text, cause: error)
            }
        }
        self.references = references
    }

    var count: Int { references.count }
    var texts: [String] { references.map(\.text) }

    /// The distinct images.
    var all: [DigestReference] {
        var seen: Set<DigestReference> = []
        return references.map(\.parsed).filter { seen.insert($0).inserted }
    }

    /// The references as written, and what they mean.
    var images: [String: DigestReference] { Dictionary(references.map { ($0.text, $0.parsed) }) { first, _ in first } }
}

/// A reference by tag where one by digest is needed.
struct UnresolvedReferenceError: Error, Sendable, CustomStringConvertible {
    let reference: String
    let cause: ReferenceError

    var description: String {
        if case .noDigest = cause.reason {
            return "Image '\(reference)' must be in digest form (image@sha256:…); resolve it first, with kbld -f"
        }
        return cause.description
    }
}
