import Algorithms
package import ClusterConfiguration
package import ContainerImage
import HTTPTransport
import ImageTransfer
package import RegistryClient

/// The configuration by which nodes pull images under their original names from where those have arrived.
public struct MirrorConfiguration: Sendable {
    /// The files.
    package let files: [ConfigurationFile]
    private let folder: ConfigurationFolder
    private let comparesOnly: Bool
    private let log: LogSink

    /// Creates the configuration for `images`, and makes sure that it can be written.
    ///
    /// - Parameters:
    ///   - images: The images as they are named.
    ///   - filters: The indexes that were filtered.
    ///   - options: How registries are reached from here.
    /// - Throws: `UnsupportedMirrorsError`, `NoMirrorsError`, `ReferenceError`; `ForeignFileError` for a file in the way.
    package init(
        _ settings: MirrorSettings,
        of images: [DigestReference],
        in destination: DestinationPlan,
        filtered filters: [PlatformFilter] = [],
        options: RegistryOptions = RegistryOptions(),
        log: @escaping LogSink
    ) throws {
        let mirrors = try Self.mirrors(settings, images, destination, filters, options, log)
        if settings.formats.isEmpty {
            let (files, refused) = ConfigurationFormat.all(for: mirrors)
            for error in refused { log("leaving out \(error.format): " + error.reason.message) }
            if files.isEmpty, let first = refused.first { throw first }
            self.files = Self.distinct(files)
        } else {
            self.files = Self.distinct(try settings.formats.uniqued().flatMap { try $0.files(for: mirrors) })
        }
        folder = ConfigurationFolder(path: settings.folder)
        comparesOnly = settings.comparesOnly
        self.log = log
        if !comparesOnly { try folder.check(files) }
    }

    /// Several formats need the same certificates.
    private static func distinct(_ files: [ConfigurationFile]) -> [ConfigurationFile] {
        files.uniqued(on: \.path).sorted { $0.path < $1.path }
    }

    private static func mirrors(
        _ settings: MirrorSettings,
        _ images: [DigestReference],
        _ destination: DestinationPlan,
        _ filters: [PlatformFilter],
        _ options: RegistryOptions,
        _ log: LogSink
    ) throws -> ClusterMirrors {
        let registries = Set(destination.roots.map(\.registry))
        if let host = settings.host, registries.count > 1 { throw SeveralRegistriesError(host: host) }
        let filtered = Dictionary(filters.map { ($0.index, $0.filtered) }) { first, _ in first }
        var repositories: [ClusterMirrors.MirroredRepository] = []
        for image in images.uniqued().sorted() {
            guard image.repository.registry.name != "localhost" else {
                log("leaving out \(image) from the mirrors: it comes from no registry")
                continue
            }
            let mirrors = try destination.roots.map { root in
                let mirror = try destination.layout.repository(for: image.repository, below: root)
                return try settings.host.map { try Repository("\($0)/\(mirror.path)") } ?? mirror
            }
            let digest = filtered[image]?.digest ?? image.digest
            repositories.append(.init(image.repository, mirrors: mirrors, digests: [digest]))
        }
        var mirrors = ClusterMirrors(repositories)
        guard !mirrors.repositories.isEmpty else { throw NoMirrorsError() }
        mirrors.fallback = settings.fallback
        mirrors.hasTags = destination.tagsWithOrigin
        mirrors.authority = try settings.authorityPath.map(authority)
        mirrors.filteredIndexes = images.filter { filtered[$0] != nil }
        for registry in registries {
            let name = settings.host ?? registry
            mirrors.access[name] = ClusterMirrors.Access(
                isPlainHTTP: settings.isPlainHTTP
                    ?? (mirrors.authority == nil && (name.isLoopback || options.allowsPlainHTTP)),
                skipsVerification: !options.verifiesCertificates
            )
        }
        return mirrors
    }

    /// The text of a file with PEM certificates.
    private static func authority(_ path: String) throws -> String {
        _ = try PEMCertificates.read(path)
        let text: String
        do throws(SmallFileError) {
            text = String(decoding: try SmallFile.bytes(of: path, limit: 1 << 20), as: UTF8.self)
        } catch {
            throw FileReadingError(path: path, reason: error.reason)
        }
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    /// Writes the files, or compares them with what is there.
    ///
    /// - Throws: `TextFileError`; `ConfigurationDifferenceError` naming each file that isn't the same.
    public func finish() throws {
        guard comparesOnly else {
            for path in try folder.write(files) { log("wrote \(path)") }
            return
        }
        let differences = try folder.differences(from: files)
        guard differences.isEmpty else { throw ConfigurationDifferenceError(differences: differences) }
        log("the configuration in '\(folder.path)' is up to date")
    }
}

/// A configuration for which there is no image.
package struct NoMirrorsError: Error, Sendable, CustomStringConvertible {
    /// What is missing.
    package var description: String {
        "there is nothing to write a configuration for: no image comes from another repository"
    }
}

/// A name for nodes where images go to several registries.
struct SeveralRegistriesError: Error, CustomStringConvertible {
    let host: RegistryHost

    var description: String { "'\(host)' can't be the name of several registries; upload to one" }
}

/// A file that can't be read.
struct FileReadingError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "Reading '\(path)': \(reason)" }
}

/// Files that aren't what they would be written as.
package struct ConfigurationDifferenceError: MultilineError, Sendable {
    /// The files, and what is with each.
    package let differences: [String]

    /// A line for each.
    package var lines: [HintedText] {
        ["The configuration isn't what would be written:"] + differences.map { HintedText("- \($0)") }
    }
}
