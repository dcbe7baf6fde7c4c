import ArgumentParser
import FoundationEssentials
import KbldWorkflows

/// From which mirrors images are read.
struct ReadingFlags: ParsableArguments {
    @Option(
        name: .customLong("registry-mirror"),
        help: ArgumentHelp(
            "Mirror to read from: docker.io=HOST/PATH.",
            discussion:
                "FROM is a host, host/path or *.host, of which the longest counts. Repeatable: mirrors are asked in "
                + "their order, then the registry itself.",
            valueName: "from=to"
        )
    )
    var mirrors: [String] = []

    @Option(
        name: .customLong("registries-conf"),
        help: ArgumentHelp(
            "registries.conf with mirrors, or env.",
            discussion: "env is the file of CONTAINERS_REGISTRIES_CONF.",
            valueName: "file"
        ),
        completion: .file()
    )
    var registriesConf: String?

    @Option(
        name: .customLong("hosts-dir"),
        help: ArgumentHelp("Folder of containerd's hosts.toml.", valueName: "folder"),
        completion: .directory
    )
    var hostsFolder: String?

    @Flag(name: .customLong("registry-mirror-only"), help: "Read from mirrors alone.")
    var isMirrorOnly = false

    private static let variable = "KBLD_REGISTRY_MIRROR"
    private static let fileVariable = "CONTAINERS_REGISTRIES_CONF"

    func validate() throws {
        let sources = try sources()
        guard !isMirrorOnly || !sources.mirrors.isEmpty || registriesConf != nil || hostsFolder != nil else {
            throw ValidationError("--registry-mirror-only needs --registry-mirror, --registries-conf or --hosts-dir")
        }
    }

    /// What the flags and variables say.
    ///
    /// - Throws: `ValidationError` where a variable is missing.
    func sources() throws -> MirrorSources {
        var sources = MirrorSources()
        let variables = ProcessInfo.processInfo.environment
        sources.mirrors = mirrors + Self.numbered(variables)
        sources.registriesConf = registriesConf
        if registriesConf == "env" {
            guard let path = variables[Self.fileVariable], !path.isEmpty else {
                throw ValidationError("--registries-conf env needs the variable \(Self.fileVariable)")
            }
            sources.registriesConf = path
        }
        sources.hostsFolder = hostsFolder
        sources.isMirrorOnly = isMirrorOnly
        return sources
    }

    /// The values of `KBLD_REGISTRY_MIRROR`, `KBLD_REGISTRY_MIRROR_1` and so on, by their numbers.
    private static func numbered(_ variables: [String: String]) -> [String] {
        variables.compactMap { name, value -> (number: Int, name: String, value: String)? in
            guard name == variable || name.hasPrefix(variable + "_"), !value.isEmpty else { return nil }
            return (Int(name.dropFirst(variable.count + 1)) ?? 0, name, value)
        }
        .sorted { ($0.number, $0.name) < ($1.number, $1.name) }
        .map(\.value)
    }
}
