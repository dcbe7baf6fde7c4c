import ContainerImage
import FoundationEssentials
public import MirrorRouting

/// Where rules for mirrors are written.
public struct MirrorSources: Sendable {
    /// Mirrors as `FROM=TO`.
    public var mirrors: [String] = []
    /// A file in the form of containers-registries.conf; those of the folder with `.d` behind its name count, too.
    public var registriesConf: String?
    /// A folder of `hosts.toml`, as containerd has it.
    public var hostsFolder: String?
    /// Whether registries themselves are never asked where there are mirrors of them.
    public var isMirrorOnly = false

    private static let sizeLimit = 1 << 20

    /// Creates sources without any rule.
    public init() {}

    /// Reads the files.
    ///
    /// - Throws: `MirrorRuleError`; `MirrorFileError` naming the file and the line; `MirrorSourceError` for what can't be
    ///   read.
    public func rules() throws -> MirrorRules {
        var rules = MirrorRules()
        try rules.add(mirrors)
        if let registriesConf {
            var paths = [registriesConf]
            let folder = registriesConf + ".d"
            if Self.isFolder(folder) {
                paths += try Self.names(in: folder).filter { $0.hasSuffix(".conf") }.map { "\(folder)/\($0)" }
            }
            rules.add(try paths.map { try RegistriesConf(try Self.text(of: $0), path: $0) })
        }
        if let hostsFolder {
            var files: [HostsFile] = []
            for name in try Self.names(in: hostsFolder) {
                let folder = "\(hostsFolder)/\(name)"
                let path = "\(folder)/hosts.toml"
                guard let registry = HostsFile.registry(ofFolder: name), FileManager.default.fileExists(atPath: path)
                else { continue }
                files.append(
                    try HostsFile(try Self.text(of: path), of: registry, path: path, folder: folder)
                )
            }
            rules.add(files)
        }
        rules.isMirrorOnly = isMirrorOnly
        return rules
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    private static func names(in folder: String) throws(MirrorSourceError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw MirrorSourceError(path: folder, reason: "it is not a folder that can be read")
        }
    }

    private static func text(of path: String) throws(MirrorSourceError) -> String {
        let bytes: [UInt8]
        do throws(SmallFileError) {
            bytes = try SmallFile.bytes(of: path, limit: sizeLimit)
        } catch {
            throw MirrorSourceError(path: path, reason: error.reason)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw MirrorSourceError(path: path, reason: "it is not UTF-8")
        }
        return text
    }
}

/// A file or folder of mirrors that can't be read.
public struct MirrorSourceError: Error, Sendable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// The file and the reason.
    public var description: String { "Reading '\(path)': \(reason)" }
}
