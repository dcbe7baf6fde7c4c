import ArgumentParser
import ContainerImage
import RegistryServer

/// Where a registry listens, and for whom.
struct ListenFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Where to listen; port 0 takes any free one.", valueName: "host:port"))
    var listen = "127.0.0.1:5000"

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp("Speak https with the certificate, and chain, of this PEM file.", valueName: "file")
    )
    var certificate: String?

    @Option(
        name: .customLong("tls-key"),
        help: ArgumentHelp("The certificate's key, a PEM file.", valueName: "file")
    )
    var key: String?

    @Option(
        help: ArgumentHelp("Ask for a user and password of this file, which htpasswd -B makes.", valueName: "file")
    )
    var htpasswd: String?

    @Option(
        name: .customLong("ready-file"),
        help: ArgumentHelp("Write host:port here once connections are taken.", valueName: "file")
    )
    var readyFile: String?

    func validate() throws {
        guard let colon = listen.lastIndex(of: ":"), (try? RegistryHost(listen)) != nil,
            UInt16(listen[listen.index(after: colon)...]) != nil
        else {
            throw ValidationError("--listen must be host:port, such as 127.0.0.1:5000")
        }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--tls-cert and --tls-key must be given together")
        }
    }

    /// Serves until the task is cancelled.
    func serve(_ content: any RegistryContent, log: Log) async throws {
        let colon = listen.lastIndex(of: ":") ?? listen.endIndex
        let host = String(listen[..<colon])
        let server = RegistryServer(
            host: host,
            port: Int(listen[listen.index(after: colon)...]) ?? 0,
            content: content,
            certificate: try key.map { try ServerCertificate(certificatePath: certificate ?? "", keyPath: $0) },
            passwords: try htpasswd.map { try PasswordFile(path: $0) },
            report: { log.line("Error: \(Hints.text($0))") }
        )
        if htpasswd != nil, key == nil, (try? RegistryHost(listen))?.isLoopback != true {
            log.line("Warning: passwords pass over the network in plain text; use --tls-cert and --tls-key")
        }
        let readyFile = readyFile
        let scheme = key == nil ? "http" : "https"
        try await server.run { port in
            if let readyFile { try TextFile.write("\(host):\(port)\n", to: readyFile) }
            log.line("listening on \(scheme)://\(host):\(port)")
        }
    }
}
