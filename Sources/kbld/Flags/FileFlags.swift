import ArgumentParser
import DocumentInput
import FoundationEssentials
import HTTPTransport
import KbldConfiguration

/// Which documents are read.
struct FileFlags: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .customLong("file")],
        help: ArgumentHelp(
            "A file, a folder, an http(s) address, or - for standard input; may be given several times.",
            valueName: "file"
        )
    )
    var files: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Accepted for compatibility; the order is kept.", visibility: .hidden)
    )
    var sort = true

    /// The documents of all the files, in their order.
    func manifests() async throws -> InputDocuments {
        try await Self.manifests(in: files.flatMap { $0.split(separator: ",").map(String.init) })
    }

    /// The documents of files, folders and addresses.
    static func manifests(in names: [String]) async throws -> InputDocuments {
        try await InputDocuments.read(
            names,
            version: try SemanticVersion(Kbld.version),
            proxies: ProxySettings(variables: ProcessInfo.processInfo.environment),
            authorities: TrustedAuthorities(variables: ProcessInfo.processInfo.environment)
        )
    }
}
