package import ContainerImage
import DocumentInput
import FoundationEssentials
package import ImageStore
import Packages

/// What a command looks at: a package, documents or a lock file, or an image in a registry.
package enum ImageSubject: Sendable {
    /// A package.
    case package(path: String)
    /// A package, documents or a lock file, as what comes through it tells.
    case stream(path: String)
    /// Documents or a lock file.
    case documents([String])
    /// An image in a registry.
    case reference(ImageReference)

    /// Its images, and its size where it is a package.
    package struct Content: Sendable {
        /// The images and indexes.
        package var trees: [ImageTree]
        /// The package's size, in bytes.
        package var packageBytes: Int64?
    }

    /// Creates the subject `text`: a file if there is one with that name, else a reference.
    ///
    /// - Throws: `UnknownSubjectError` when it can be neither.
    package init(_ text: String) throws(UnknownSubjectError) {
        if text == PackagePath.standardStream || !PackagePath.isSeekable(text) {
            self = .stream(path: text)
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .documents([text])
        } else if FileManager.default.fileExists(atPath: text) {
            self = AnyPackage.looksLikePackage(text) ? .package(path: text) : .documents([text])
        } else if Self.looksLikeFile(text) {
            throw UnknownSubjectError(text: text, cause: nil)
        } else {
            do {
                self = .reference(try ImageReference(text))
            } catch {
                throw UnknownSubjectError(text: text, cause: error)
            }
        }
    }

    /// Whether a name is meant as that of a file. No registry is asked for one that isn't there.
    package static func looksLikeFile(_ text: String) -> Bool {
        let endings = [
            ".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2", ".zip", ".yml", ".yaml", ".json", ".txt", ".html", ".oci",
        ]
        return text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") || text.hasPrefix("~")
            || text.hasSuffix("/") || endings.contains { text.lowercased().hasSuffix($0) }
    }

    /// Reads manifests; layers stay where they are.
    package func content(
        in context: WorkflowContext,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws -> Content {
        switch self {
        case .package(let path):
            return try await Self.content(of: context.file(at: path))
        case .stream(let path):
            switch try await context.subject(through: path) {
            case .package(let file): return try await Self.content(of: file)
            case .documents(let documents):
                return try await Self.content(of: documents, in: context, atMost: limit, progress: progress)
            }
        case .documents(let files):
            let documents = try await context.documents(in: files)
            return try await Self.content(of: documents, in: context, atMost: limit, progress: progress)
        case .reference(let reference):
            return try await context.withRegistries { registry in
                let found = try await registry.resolve(reference)
                return Content(
                    trees: try await ImageTree.read(
                        [found],
                        from: { registry.repository($0) },
                        atMost: limit,
                        progress: progress
                    )
                )
            }
        }
    }

    private static func content(of file: PackageFile) async throws -> Content {
        Content(trees: try await AnyPackage(file).trees, packageBytes: file.size)
    }

    private static func content(
        of documents: InputDocuments,
        in context: WorkflowContext,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws -> Content {
        let references = try PackagedReferences(documents)
        return try await context.withRegistries { registry in
            Content(
                trees: try await ImageTree.read(
                    references.all,
                    from: { registry.repository($0) },
                    atMost: limit,
                    progress: progress
                )
            )
        }
    }
}

/// What is neither a file nor a reference.
package struct UnknownSubjectError: HintedError, Sendable {
    /// What was given.
    package let text: String
    /// The reason it is not a valid reference; nil where it is a file's name.
    package let cause: ReferenceError?

    /// What it isn't.
    package var message: HintedText {
        guard let cause else { return "Reading '\(text)': No such file or directory" }
        return "'\(text)' is neither a file nor a valid image reference: \(cause)"
    }
}
