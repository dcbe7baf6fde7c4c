import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import RegistryClient
import SystemPackage

/// What a command looks at: a package, documents or a lock file, or an image in a registry.
enum ImageSubject {
    case package(path: String)
    case documents([String])
    case reference(ImageReference)

    /// Its images, and its size where it is a package.
    struct Content: Sendable {
        var trees: [ImageTree]
        var packageBytes: Int64?
    }

    /// A file when there is one of that name, a reference otherwise.
    ///
    /// - Throws: `UnknownSubjectError` when it can be neither.
    init(_ text: String) throws {
        if text == "-" || text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .documents([text])
        } else if FileManager.default.fileExists(atPath: text) {
            self = AnyPackage.looksLikePackage(text) ? .package(path: text) : .documents([text])
        } else {
            do {
                self = .reference(try ImageReference(text))
            } catch {
                throw UnknownSubjectError(text: text, cause: error)
            }
        }
    }

    /// Reads manifests; layers stay where they are.
    func content(with flags: RegistryFlags, atMost limit: Int, progress: TransferProgress?) async throws -> Content {
        switch self {
        case .package(let path):
            return Content(trees: try await AnyPackage(path: path).trees, packageBytes: Self.size(of: path))
        case .documents(let files):
            let references = try PackagedReferences(try await FileFlags.manifests(in: files))
            return try await flags.withClient { client in
                Content(
                    trees: try await ImageTree.read(
                        references.all,
                        from: { client.repository($0) },
                        atMost: limit,
                        progress: progress
                    )
                )
            }
        case .reference(let reference):
            return try await flags.withClient { client in
                let repository = client.repository(reference.repository)
                let digest =
                    switch reference {
                    case .digest(let known): known.digest
                    case .tag(_, let tag): try await repository.resolve(tag).digest
                    }
                let found = DigestReference(repository: reference.repository, digest: digest)
                return Content(
                    trees: try await ImageTree.read(
                        [found],
                        from: { client.repository($0) },
                        atMost: limit,
                        progress: progress
                    )
                )
            }
        }
    }

    /// The size of a file; nil for a folder.
    private static func size(of path: String) -> Int64? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
        defer { try? file.close() }
        return isFolder(path) ? nil : try? file.seek(offset: 0, from: .end)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }
}

/// What is neither a file nor a reference.
struct UnknownSubjectError: Error, CustomStringConvertible {
    let text: String
    let cause: ReferenceError

    var description: String { "'\(text)' is no file, and no image reference either: \(cause)" }
}
