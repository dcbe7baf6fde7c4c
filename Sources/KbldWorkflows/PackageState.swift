import ContainerImage
import FoundationEssentials
import LocalFiles
import Packages
import Signatures

/// What has been installed, by the packages' names.
struct PackageState: Codable {
    struct Entry: Codable, Equatable {
        var sequence: Int64
        var manifest: String
        /// The digest of what the package says of its images beside them, such as tags; empty where that is nothing. Nil in
        /// files of older versions.
        var notes: String?
        /// The digest of the documents that named the images; nil where that isn't known.
        var documents: String?
    }

    var packages: [String: Entry]

    private static let sizeLimit = 16 << 20

    /// Reads the file at `path`; nothing was installed where there is none yet.
    init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            packages = [:]
            return
        }
        do {
            let bytes = try SmallFile.bytes(of: path, limit: Self.sizeLimit)
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            let reason = (error as? SmallFileError)?.reason ?? "it is not JSON of installed packages"
            throw PackageStateError(path: path, reason: reason)
        }
    }

    /// Writes the file at `path`.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try TextFile.write(String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", to: path)
    }
}

extension PackageState.Entry {
    /// Creates what is kept of a package: the same for its volumes, and for it as a delta.
    init(_ statement: PackageStatement, _ metadata: PackageMetadata) throws {
        let onImages = metadata.onImages
        self.init(
            sequence: statement.sequence,
            manifest: statement.manifest.description,
            notes: onImages.isEmpty ? "" : Digest(of: try onImages.encoded()).description,
            documents: statement.documents?.description
        )
    }

    /// What of this package is other than of `known`, as far as that is known, in words before "others"; nil for nothing.
    func difference(from known: Self) -> String? {
        func differ(_ one: String?, _ other: String?) -> Bool { one != nil && other != nil && one != other }
        if manifest != known.manifest { return "images are" }
        if differ(notes, known.notes) { return "tags, or what else it says of the images, are" }
        return differ(documents, known.documents) ? "documents are" : nil
    }

    /// What is kept when it is installed after `known`: of the same package, also what was known only then.
    func following(_ known: Self?) -> Self {
        guard let known, known.sequence == sequence, difference(from: known) == nil else { return self }
        var entry = self
        entry.documents = documents ?? known.documents
        return entry
    }
}

/// A state that can't be read. It isn't begun anew: that would let older packages through.
struct PackageStateError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "Reading the state '\(path)': \(reason)" }
}
