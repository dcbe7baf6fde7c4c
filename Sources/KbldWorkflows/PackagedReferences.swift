import Algorithms
package import ContainerImage
package import DocumentInput
import ImageStore
import KbldConfiguration
import ReferenceChecks
import Resolution

/// The references whose images are packaged or relocated: those of the documents, and those that locks give.
package struct PackagedReferences: Sendable {
    /// The references as written and parsed, sorted as written.
    private let references: [(text: String, parsed: DigestReference)]
    private let documents: InputDocuments

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
                let places = ReferencePlaces(manifests.configuration, manifests.resources)
                throw UnresolvedReferenceError(reference: text, cause: error, place: places.text(of: text))
            }
        }
        self.references = references
        documents = manifests
    }

    private init(_ references: [(text: String, parsed: DigestReference)], of documents: InputDocuments) {
        self.references = references
        self.documents = documents
    }

    /// Those whose names match one of `patterns`; all where there is no pattern.
    ///
    /// - Throws: `UnmatchedPatternError` for one that matches none.
    func matching(_ patterns: [NamePattern]) throws(UnmatchedPatternError) -> PackagedReferences {
        guard !patterns.isEmpty else { return self }
        let tags = Dictionary(grouping: OriginTags(ofReferences: documents, []).images(where: { _ in true }) { _ in }) {
            $0.image
        }
        let names = references.map { reference in
            ImageNames.all(
                in: [reference.parsed.repository],
                tags: (tags[reference.parsed] ?? []).map(\.tag),
                digests: [reference.parsed.digest]
            )
        }
        var chosen: Set<Int> = []
        for pattern in patterns {
            let found = names.indices.filter { names[$0].contains(where: pattern.matches) }
            guard !found.isEmpty else {
                let repositories = Set(references.map(\.parsed.repository.description)).sorted()
                throw UnmatchedPatternError(pattern: pattern.text, repositories: repositories)
            }
            chosen.formUnion(found)
        }
        return PackagedReferences(chosen.sorted().map { references[$0] }, of: documents)
    }

    /// Those that mean one of `images`.
    func of(_ images: [DigestReference]) -> PackagedReferences {
        let images = Set(images)
        return PackagedReferences(references.filter { images.contains($0.parsed) }, of: documents)
    }

    /// Runs `body`; an image that can't be read is named with its place in the documents.
    func locatingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ImageTreeError {
            let places = ReferencePlaces(documents.configuration, documents.resources)
            let text = references.first { $0.parsed == error.reference }?.text
            guard let place = text.flatMap(places.text) else { throw error }
            throw LocatedImageError(place: place, cause: error)
        }
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
    /// Where the documents have it, where that is known.
    package let place: String?

    /// What must be done first.
    package var message: HintedText {
        let place = place.map { ", in \($0)" } ?? ""
        guard case .noDigest = cause.reason else { return cause.message + HintedText(place) }
        return "Image '\(reference)' must be in digest form (image@sha256:…)\(place); resolve it first"
            + "\(hint: .resolve, after: ", ")"
    }
}

/// A pattern for names of images that no image of the documents has.
struct UnmatchedPatternError: Error, Sendable, CustomStringConvertible {
    let pattern: String
    /// What the documents name.
    let repositories: [String]

    var description: String {
        "The documents have no image that matches '\(pattern)'; they have "
            + (repositories.isEmpty ? "none" : repositories.joined(separator: ", "))
    }
}

/// An image of documents that can't be read.
struct LocatedImageError: HintedError, Sendable {
    /// Where the documents have it.
    let place: String
    let cause: ImageTreeError

    var message: HintedText { "\(place): \(cause)" }
}
