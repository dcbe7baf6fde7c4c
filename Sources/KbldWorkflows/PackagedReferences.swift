import Algorithms
package import ContainerImage
package import DocumentInput
import KbldConfiguration
import Resolution

/// The references whose images are packaged or relocated: those of the documents, and those that locks give.
package struct PackagedReferences: Sendable {
    /// The references as written and parsed, sorted as written.
    private let references: [(text: String, parsed: DigestReference)]

    /// - Throws: `UnresolvedReferenceError` for one without a digest.
    package init(_ manifests: InputDocuments) throws(UnresolvedReferenceError) {
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

    /// How many references there are.
    package var count: Int { references.count }
    /// The references as written.
    package var texts: [String] { references.map(\.text) }

    /// Tells which images will be exported.
    func announce(to log: LogSink) {
        log("exporting \(count) images...")
        for text in texts { log("will export \(text)") }
    }

    /// The distinct images.
    package var all: [DigestReference] {
        Array(references.map(\.parsed).uniqued())
    }

    /// The references as written, and what they mean.
    package var images: [String: DigestReference] {
        Dictionary(references.map { ($0.text, $0.parsed) }) { first, _ in first }
    }
}

/// A reference by tag where one by digest is needed.
package struct UnresolvedReferenceError: HintedError, Sendable {
    /// The reference as written.
    package let reference: String
    /// What it lacks.
    package let cause: ReferenceError

    /// What must be done first.
    package var message: HintedText {
        guard case .noDigest = cause.reason else { return cause.message }
        return "Image '\(reference)' must be in digest form (image@sha256:…); resolve it first"
            + "\(hint: .resolve, after: ", ")"
    }
}
