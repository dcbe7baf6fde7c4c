import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

/// Real registries and tools around the real program, in a folder of their own.
struct Lab: Sendable {
    /// What a program left.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let log: String
    }

    /// What a registry asks for.
    enum Door: Sendable {
        case open
        /// User `alice`, password `s3cret`.
        case password
        /// A certificate of the lab's own authority, `ca.pem`.
        case tls
    }

    /// Where the lab's files are.
    let folder: String

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    /// The program that is tested.
    static let program: String = {
        let path = ProcessInfo.processInfo.environment["KBLD_BIN"] ?? ".build/release/kbld"
        return path.hasPrefix("/") ? path : root.appending(path: path).path
    }()

    /// Runs `body` with a lab that is removed in the end.
    static func open<Value: Sendable>(_ body: @Sendable (Lab) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lab-\(UUID())")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "home/.docker"),
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(Lab(folder: folder.path))
    }

    /// Runs `body` while a registry serves, with its host and port.
    func registry<Value: Sendable>(
        _ door: Door = .open,
        _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let name = "registry-\(UUID())"
        var http = "  addr: 127.0.0.1:0\n"
        switch door {
        case .open: break
        case .password:
            let line = try await run("htpasswd", ["-Bbn", "alice", "s3cret"]).output
            try write(line, to: "htpasswd")
            http += "auth: {htpasswd: {realm: lab, path: \(folder)/htpasswd}}\n"
        case .tls:
            let names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.lab"
            try await succeed(
                "openssl",
                ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=lab", "-addext", names]
                    + ["-keyout", "\(folder)/tls.key", "-out", "\(folder)/ca.pem"]
            )
            http += "  tls: {certificate: \(folder)/ca.pem, key: \(folder)/tls.key}\n"
        }
        try write(
            """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(folder)/\(name)}, delete: {enabled: true}}
            validation: {manifests: {urls: {allow: ["^https?://"]}}}
            http:
            \(http)
            """,
            to: name + ".yml"
        )
        return try await serve("docker-registry", ["serve", "\(folder)/\(name).yml"]) { port in
            try await body("127.0.0.1:\(port)")
        }
    }

    /// Runs `body` while a program serves, with the port that the system has given it.
    func serve<Value: Sendable>(
        _ program: String,
        _ arguments: [String],
        _ body: @Sendable (_ port: Int) async throws -> Value
    ) async throws -> Value {
        let result = try await Subprocess.run(
            program.hasPrefix("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            let outcome: Result<Value, any Error>
            do {
                outcome = .success(try await body(try await ListeningPort.of(execution.processIdentifier.value)))
            } catch {
                outcome = .failure(error)
            }
            try? execution.send(signal: .terminate)
            return outcome
        }
        return try result.closureResult.get()
    }

    /// Runs the program under test in the lab's folder.
    func kbld(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await run(Self.program, arguments, environment: environment)
    }

    /// Runs a program.
    func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
        var variables: [Environment.Key: String?] = [
            "HOME": folder + "/home", "DOCKER_CONFIG": nil, "XDG_RUNTIME_DIR": nil,
        ]
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        variables["PATH"] = folder + "/bin:" + path
        for (name, value) in environment { variables[Environment.Key(rawValue: name) ?? "LAB"] = value }
        let result = try await Subprocess.run(
            program.hasPrefix("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments),
            environment: .inherit.updating(variables),
            workingDirectory: FilePath(folder),
            output: .string(limit: 64 << 20),
            error: .string(limit: 64 << 20)
        )
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): Int32(code)
            case .signaled(let signal): 128 + Int32(signal)
            }
        return Outcome(status: status, output: result.standardOutput, log: result.standardError)
    }

    /// Runs a program that must succeed.
    func succeed(_ program: String, _ arguments: [String]) async throws {
        let outcome = try await run(program, arguments)
        try #require(outcome.status == 0, "\(program): \(outcome.log)")
    }

    /// Looks at a page in a browser: contrast, headings, names of controls, tables, and what is cut off.
    func checkPage(_ address: String) async throws {
        let outcome = try await run("python3", [script("page_check.py"), address])
        let measured = outcome.output.split(separator: "\n").last?.prefix { $0 != " " }
        #expect(outcome.status == 0 && (measured.flatMap { Int($0) } ?? 0) > 20, "\(outcome.output) \(outcome.log)")
    }

    /// Makes images and pushes them; gives their references by name.
    func push(_ set: String, to host: String, _ more: [String] = []) async throws -> [String: String] {
        let outcome = try await run("python3", [Self.fixture("labimg.py"), host, set] + more)
        try #require(outcome.status == 0, "\(outcome.log)")
        let pairs = outcome.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(pairs.map { ($0[0], $0[1]) }) { $1 }
    }

    /// The manifest of a reference as another tool sees it.
    func rawManifest(_ reference: String) async throws -> String {
        let outcome = try await run("skopeo", ["inspect", "--raw", "--tls-verify=false", "docker://" + reference])
        try #require(outcome.status == 0, "\(reference): \(outcome.log)")
        return outcome.output
    }

    /// The tags of a repository as another tool sees them.
    func tags(_ repository: String) async throws -> [String] {
        struct List: Decodable {
            var tags: [String]
            enum CodingKeys: String, CodingKey { case tags = "Tags" }
        }
        let outcome = try await run("skopeo", ["list-tags", "--tls-verify=false", "docker://" + repository])
        guard outcome.status == 0 else { return [] }
        return try JSONDecoder().decode(List.self, from: Data(outcome.output.utf8)).tags.sorted()
    }

    /// Where the image maker is, and packages that the original wrote.
    static let fixtures = root.appending(path: "Tests/Fixtures").path
    static func fixture(_ name: String) -> String { fixtures + "/" + name }
    /// What runs the commands that the documentation shows.
    static let documentation = root.appending(path: "Tests/Documentation/run.py").path
    /// What makes releases.
    static func packaging(_ name: String) -> String { root.appending(path: "Packaging/" + name).path }
    func script(_ name: String) -> String {
        Self.root.appending(path: "Tests/IntegrationTests/Scripts/" + name).path
    }

    /// The bytes of a file of the project.
    func project(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: Self.root.appending(path: path))) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))) }
    func removeFolder(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
    func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }
    func files(_ name: String = ".") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)").sorted()
    }
}
