import ClusterConfiguration
import FoundationEssentials
import LibC
import RegistryMirroring
import SystemPackage

/// Documents that go into a config map.
public struct JobDocuments: Sendable {
    /// A file of the config map.
    public struct File: Sendable {
        /// Its name there.
        public let name: String
        /// What is in it.
        public let text: String
    }

    private enum Place: Sendable {
        case embedded(File)
        case address(String)
    }

    private let places: [Place]
    /// What is probably not meant. A line for each.
    public private(set) var remarks: [String] = []

    /// The documents that are in the config map.
    public var embedded: [File] {
        places.compactMap { if case .embedded(let file) = $0 { file } else { nil } }
    }

    /// Reads files and standard input (`-`), as they are; addresses stay ones.
    ///
    /// - Throws: `JobDocumentError` for what can't be read, a folder, and more than a config map may have.
    public init(files: [String]) throws(JobDocumentError) {
        var places: [Place] = []
        var size = 0
        for (number, name) in files.enumerated() {
            guard !name.hasPrefix("http://"), !name.hasPrefix("https://") else {
                places.append(.address(name))
                continue
            }
            let text = try Self.text(of: name)
            size += text.utf8.count
            guard size <= CopyJob.sizeLimit else { throw .tooLarge }
            places.append(.embedded(File(name: "\(number)-\(Self.key(of: name))", text: text)))
        }
        self.places = places
    }

    /// Reads the file of a mirror, or standard input (`-`). It has the mirror's name with it: to pods it is the same mirror.
    ///
    /// - Parameter hasVolume: Whether pods have the volume of a claim.
    /// - Throws: `JobDocumentError`, for files that pods haven't too; `YAMLError`, `MirrorDocumentError` for what is no
    ///   mirror.
    public init(mirror path: String, hasVolume: Bool) throws {
        var text = try Self.text(of: path)
        let mirror = try MirrorDocument(reading: Array(text.utf8), file: path == "-" ? "stdin" : path)
        if !mirror.isNamed { text = mirror.namedText }
        guard text.utf8.count <= CopyJob.sizeLimit else { throw JobDocumentError.tooLarge }
        places = [.embedded(File(name: Self.key(of: path), text: text))]
        for entry in mirror.entries {
            guard case .documents(let names) = entry.content else { continue }
            for name in names { try check(name, of: path, hasVolume: hasVolume) }
        }
    }

    /// Makes sure that pods can read what the mirror file at `path` names.
    private mutating func check(_ name: String, of path: String, hasVolume: Bool) throws(JobDocumentError) {
        if ChartRendering.isChart(name) {
            remarks.append("the image that has the program needs helm as well, to render the chart '\(name)'")
        }
        guard !name.contains("://") else { return }
        let isInVolume = name.hasPrefix(CopyJob.claimFolder + "/")
        guard name.hasPrefix("/"), !isInVolume || hasVolume else { throw .notInPods(name, of: path) }
        if !isInVolume { remarks.append("pods read '\(name)' from the image that has the program") }
    }

    /// What the pods are given, where the config map's files are in `folder`.
    public func names(in folder: String) -> [String] {
        places.map { place in
            switch place {
            case .embedded(let file): "\(folder)/\(file.name)"
            case .address(let address): address
            }
        }
    }

    /// The text of a file, or of standard input.
    ///
    /// - Throws: `JobDocumentError`.
    public static func text(of path: String) throws(JobDocumentError) -> String {
        let bytes: [UInt8]
        do throws(SmallFileError) {
            bytes =
                path == "-"
                ? try SmallFile.bytes(of: .standardInput, limit: CopyJob.sizeLimit)
                : try SmallFile.bytes(of: path, limit: CopyJob.sizeLimit)
        } catch {
            throw .unreadable(path, error.reason)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unreadable(path, "it is not UTF-8") }
        return text
    }

    /// The text of a `config.json` with logins, or of standard input.
    ///
    /// - Throws: `JobDocumentError`.
    public static func logins(of path: String) throws(JobDocumentError) -> String {
        struct Configuration: Decodable {
            struct Login: Decodable {
                var auth: String?
                var identitytoken: String?
                var registrytoken: String?
                var username: String?

                var isEmpty: Bool {
                    [auth, identitytoken, registrytoken, username].allSatisfy { $0?.isEmpty != false }
                }
            }
            var auths: [String: Login]
            var credsStore: String?
        }
        let text = try text(of: path)
        guard let configuration = try? JSONDecoder().decode(Configuration.self, from: Data(text.utf8)) else {
            throw .notLogins(path)
        }
        guard configuration.auths.values.contains(where: { !$0.isEmpty }) else {
            throw .noLogins(path, keptBy: configuration.credsStore)
        }
        return text
    }

    /// A key of a config map that shows the file's name.
    private static func key(of path: String) -> String {
        guard path != "-" else { return "documents.yml" }
        let name = path.split(separator: "/").last ?? ""
        let bytes = name.utf8.map { byte -> UInt8 in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return isPlain || byte == 45 || byte == 46 || byte == 95 ? byte : 45
        }
        return String(decoding: bytes.suffix(200), as: UTF8.self)
    }
}

/// Documents that can't go into a config map.
public enum JobDocumentError: Error, Sendable, CustomStringConvertible {
    /// A file can't be read.
    case unreadable(String, String)
    /// There is more than a config map may have.
    case tooLarge
    /// What is to be a file of logins isn't one.
    case notLogins(String)
    /// A mirror names a file that pods don't have.
    case notInPods(String, of: String)
    /// A file of logins that has none; a helper may keep them.
    case noLogins(String, keptBy: String?)

    /// What is wrong, and what can be done.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "Reading '\(path)': \(reason); a job takes single files of at most 1 MiB, others from the volume of a claim"
        case .tooLarge:
            "The documents are larger than 1 MiB, the most that a config map has; put them on a claim's volume"
        case .notInPods(let name, let path):
            "Reading '\(path)': pods don't have the file '\(name)', which it names; name an address, or put both on a "
                + "claim's volume"
        case .noLogins(let path, let helper?):
            "Reading '\(path)': it has no logins, as the helper '\(helper)' keeps them, which pods can't ask; log in into a "
                + "config.json of its own, in a folder that DOCKER_CONFIG names"
        case .noLogins(let path, nil): "Reading '\(path)': its 'auths' has no login; log in to the registries first"
        case .notLogins(let path):
            "Reading '\(path)': it is not JSON with an object 'auths'; give a config.json as 'docker login' writes it"
        }
    }
}
