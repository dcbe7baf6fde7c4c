import ArgumentParser
import ClusterConfiguration
import ContainerImage
import KbldWorkflows

/// What the configuration for nodes says, wherever it is written.
struct MirrorFlags: ParsableArguments {
    @Option(
        name: .customLong("mirror-fallback"),
        help: ArgumentHelp(
            "allow (default) or never",
            discussion: "Whether nodes ask the original registry for what the mirror lacks.",
            valueName: "when"
        ),
        completion: .list(ClusterMirrors.Fallback.allCases.map(\.rawValue)),
        transform: { text in
            guard let fallback = ClusterMirrors.Fallback(rawValue: text) else {
                throw ValidationError("--mirror-fallback must be never or allow, not '\(text)'")
            }
            return fallback
        }
    )
    var fallback = ClusterMirrors.Fallback.allow

    @Option(
        name: .customLong("mirror-host"),
        help: ArgumentHelp(
            "Name that nodes have for the registry.",
            discussion: "It is host[:port], with http:// or https:// before it where that isn't plain.",
            valueName: "host"
        )
    )
    var host: String?

    @Option(
        name: .customLong("mirror-ca"),
        help: ArgumentHelp(
            "PEM certificates that nodes trust.",
            discussion: "They are copied beside the files that refer to them.",
            valueName: "file"
        ),
        completion: .file()
    )
    var authorityPath: String?

    @Flag(
        name: .customLong("mirror-config-diff"),
        help: ArgumentHelp(
            "Compare instead of writing.",
            discussion: "The exit status is 1 if a file isn't what would be written."
        )
    )
    var comparesOnly = false

    func validate() throws { _ = try place() }

    /// Whether any of the flags was given.
    var areGiven: Bool { fallback != .allow || host != nil || authorityPath != nil || comparesOnly }

    /// The settings for a configuration in `folder`.
    ///
    /// - Throws: `ValidationError` for an unknown format.
    func settings(folder: String, formats: [String]) throws -> MirrorSettings {
        var settings = MirrorSettings(folder: folder)
        settings.formats = try Self.formats(formats)
        settings.fallback = fallback
        (settings.host, settings.isPlainHTTP) = try place()
        settings.authorityPath = authorityPath
        settings.comparesOnly = comparesOnly
        return settings
    }

    /// The formats in `texts`, each of which may have several with commas between them.
    ///
    /// - Throws: `ValidationError` for one that isn't known.
    static func formats(_ texts: [String], of flag: String = "--mirror-config-format") throws -> [ConfigurationFormat] {
        try texts.flatMap { $0.split(separator: ",") }.map { text in
            guard let format = ConfigurationFormat(rawValue: String(text)) else {
                let names = ConfigurationFormat.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("\(flag) must be one or more of \(names), not '\(text)'")
            }
            return format
        }
    }

    private func place() throws -> (host: RegistryHost?, isPlainHTTP: Bool?) {
        guard let host else { return (nil, nil) }
        let schemes = ["http://": true, "https://": false]
        let scheme = schemes.first { host.hasPrefix($0.key) }
        let name = host.dropFirst(scheme?.key.count ?? 0)
        guard let registry = try? RegistryHost(name) else {
            throw ValidationError("--mirror-host '\(host)' must be a host, or host:port")
        }
        return (registry, scheme?.value)
    }
}
