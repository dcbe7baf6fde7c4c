import FoundationEssentials
import LibC
import Subprocess
import SystemPackage
import Testing

/// What a registry does wrong: one of the rules that fault_proxy.py explains.
struct Fault: Sendable {
    var json: String
    /// The kind, as it stands in the log.
    let kind: String

    /// A fault of requests of `method` whose path matches `path`.
    init(_ kind: String, _ method: String, _ path: String, times: Int = 1, skip: Int = 0, _ more: String...) {
        self.kind = kind
        let fields = ["\"times\":\(times)", "\"skip\":\(skip)"] + more
        json = #"{"fault":"\#(kind)","method":"\#(method)","path":"\#(path)",\#(fields.joined(separator: ","))}"#
    }

    /// No answer to the request of this number, from 1 on, whatever it is.
    static func request(_ number: Int) -> Fault {
        var fault = Fault("stall", "", "")
        fault.json = #"{"fault":"stall","skip":\#(number - 1),"times":1}"#
        return fault
    }

    /// An answer with `status` instead of the registry's.
    static func status(_ status: Int, _ method: String, _ path: String, times: Int = 1, _ more: String...) -> Fault {
        var fault = Fault("status", method, path, times: times)
        fault.json = fault.json.dropLast() + ",\"status\":\(status)" + more.map { "," + $0 }.joined() + "}"
        return fault
    }
}

extension Lab {
    /// Runs `body` with a registry in front of `backend` that has these faults; the requests stand in `requests.log`.
    func faulty<Value: Sendable>(
        _ backend: String,
        _ faults: [Fault],
        tls certificate: [String] = [],
        _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let rules = "rules-\(UUID()).json"
        try write("[" + faults.map(\.json).joined(separator: ",") + "]", to: rules)
        try write("", to: "requests.log")
        let arguments = [script("fault_proxy.py"), backend, folder + "/requests.log", folder + "/" + rules]
        return try await serve("python3", arguments + certificate) { port in
            try await body("127.0.0.1:\(port)")
        }
    }

    /// The requests that the faulty registry had: `METHOD PATH STATUS FAULT RANGE AUTHORIZATION`.
    func requests() throws -> [String] {
        String(decoding: try read("requests.log"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Runs the program under test and sends it `signal` once `condition` holds; gives what it left, and the seconds
    /// from the signal to its end.
    func interrupted(
        _ arguments: [String],
        by signal: Signal,
        when condition: @Sendable () throws -> Bool
    ) async throws -> (outcome: Outcome, seconds: Double) {
        let clock = ContinuousClock()
        let log = folder + "/interrupted.log"
        let output = try FileDescriptor.open(
            log,
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        let result = try await Subprocess.run(
            .path(FilePath(Self.program)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(["HOME": folder + "/home"]),
            workingDirectory: FilePath(folder),
            input: .none,
            output: .fileDescriptor(output, closeAfterSpawningProcess: false),
            error: .fileDescriptor(output, closeAfterSpawningProcess: true)
        ) { execution in
            for _ in 0..<3000 where try !condition() { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try condition(), "nothing to interrupt")
            try execution.send(signal: signal)
            return clock.now
        }
        let took = clock.now - result.closureResult
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): Int32(code)
            case .signaled(let number): 128 + Int32(number)
            }
        let text = String(decoding: try read("interrupted.log"), as: UTF8.self)
        let seconds = took / .seconds(1)
        return (Outcome(status: status, output: text, log: text), seconds)
    }
}
