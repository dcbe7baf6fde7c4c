import ArgumentParser
import ContainerImage
import RegistryServer

/// `kbld serve-registry`: a registry on loopback, to try things with.
struct ServeRegistryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-registry",
        abstract: "Serve a registry, in memory or from a folder, until interrupted.",
        discussion: """
            Example:
              kbld serve-registry --listen 127.0.0.1:5000 --storage ./registry
            """
    )

    @Option(help: ArgumentHelp("Where to listen; port 0 takes any free one.", valueName: "host:port"))
    var listen = "127.0.0.1:5000"

    @Option(help: ArgumentHelp("The folder that keeps what is pushed; without it, memory does.", valueName: "folder"))
    var storage: String?

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
    }

    func run() async throws {
        let colon = listen.lastIndex(of: ":") ?? listen.endIndex
        let host = String(listen[..<colon])
        let port = Int(listen[listen.index(after: colon)...]) ?? 0
        let store: any RegistryStorage = try storage.map { try FolderStorage(folder: $0) } ?? MemoryStorage()
        let readyFile = readyFile
        try await RegistryServer(host: host, port: port, storage: store).run { port in
            if let readyFile { try? TextFile.write("\(host):\(port)\n", to: readyFile) }
            Log(prefix: "serve-registry | ").line("listening on \(host):\(port)")
        }
    }
}
