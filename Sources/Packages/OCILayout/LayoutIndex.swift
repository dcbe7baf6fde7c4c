import ContainerImage
import FoundationEssentials

/// `index.json` of a layout, as far as it is of use.
///
/// OCI image specification 1.1, "Image Layout", `index.json`: entries of unknown types and algorithms must not be errors.
struct LayoutIndex: Decodable {
    /// The entries that can be read.
    var manifests: [Descriptor] = []
    /// The digests of entries by algorithms that aren't known.
    var passedOver: [String] = []
    /// What is wrong with other entries.
    var problems: [String] = []
    var annotations: [String: String]?
    /// The digest of its bytes.
    private(set) var digest = Digest(of: [])

    private enum CodingKeys: String, CodingKey {
        case manifests, annotations
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        for entry in try container.decode([Entry].self, forKey: .manifests) {
            switch entry {
            case .descriptor(let descriptor): manifests.append(descriptor)
            case .unknownAlgorithm(let digest): passedOver.append(digest)
            case .malformed(let problem): problems.append(problem)
            }
        }
    }

    private enum Entry: Decodable {
        case descriptor(Descriptor)
        case unknownAlgorithm(String)
        case malformed(String)

        private struct Bare: Decodable {
            var digest: String
        }

        init(from decoder: any Decoder) throws {
            do {
                self = .descriptor(try Descriptor(from: decoder))
            } catch {
                guard let digest = (try? Bare(from: decoder))?.digest else {
                    self = .malformed("an entry has no digest")
                    return
                }
                do {
                    _ = try Digest(digest)
                    self = .malformed("the entry \(digest) is malformed")
                } catch DigestError.unsupportedAlgorithm where digest.contains(":") {
                    self = .unknownAlgorithm(digest)
                } catch {
                    self = .malformed("an entry is malformed: \(error)")
                }
            }
        }
    }

    /// Reads the index of `files`.
    ///
    /// - Throws: `ArchiveError` when it isn't there or isn't of the form.
    init(of files: any LayoutFiles) throws(ArchiveError) {
        let bytes = try files.bytes(of: "index.json", limit: LayoutReader.indexLimit)
        do throws(JSONAmbiguityError) {
            try RawManifest.shape.check(bytes)
        } catch {
            throw .damaged(path: files.path, entry: "index.json", reason: "\(error)")
        }
        guard JSONNesting.isWithinLimit(bytes), let index = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else {
            throw .damaged(path: files.path, entry: "index.json", reason: "it is not the JSON of an index")
        }
        self = index
        digest = Digest(of: bytes)
    }

    /// What kbld noted.
    ///
    /// - Throws: `ArchiveError.damaged` when that isn't of the form.
    func metadata(path: String) throws(ArchiveError) -> PackageMetadata {
        guard let text = annotations?[LayoutNames.metadata] else { return PackageMetadata() }
        return try PackageMetadata(decoding: Array(text.utf8), path: path, entry: "index.json")
    }
}
