import ArgumentParser
import ContainerImage
import KbldWorkflows

/// Where a registry listens, and for whom.
struct ListenFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp("Address to listen on.", discussion: "Port 0 picks a free one.", valueName: "host:port")
    )
    var listen = "127.0.0.1:5000"

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp("Serve HTTPS with this certificate chain, PEM.", valueName: "file")
    )
    var certificate: String?

    @Option(
        name: .customLong("tls-key"),
        help: ArgumentHelp("The certificate's key, a PEM file.", valueName: "file")
    )
    var key: String?

    @Option(
        help: ArgumentHelp("Require a login of this htpasswd file (bcrypt).", valueName: "file")
    )
    var htpasswd: String?

    @Option(
        name: .customLong("ready-file"),
        help: ArgumentHelp("Write host:port to this file once listening.", valueName: "file")
    )
    var readyFile: String?

    @Flag(
        name: .customLong("access-log"),
        inversion: .prefixedNo,
        help: "Log each request in a line."
    )
    var accessLog = true

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

    /// What the flags mean.
    ///
    /// - Parameter log: Tells which command serves.
    func options(for log: Log) -> ServeWorkflow.Options {
        let colon = listen.lastIndex(of: ":") ?? listen.endIndex
        var options = ServeWorkflow.Options(
            host: String(listen[..<colon]),
            port: UInt16(listen[colon...].dropFirst()) ?? 0
        )
        if let certificate, let key { options.certificate = .init(path: certificate, keyPath: key) }
        options.passwords = htpasswd
        let summary = ServerSummary(command: log.command)
        options.atEnd = { summary.write($0) }
        options.readyFile = readyFile
        if accessLog { options.accessLog = { AccessLine($0).write(command: log.command) } }
        return options
    }
}
