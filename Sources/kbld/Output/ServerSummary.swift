import ContainerImage
import ImageStore
import KbldWorkflows
import KubernetesYAML
import Presentation

/// What a registry has served, for the end of its log.
struct ServerSummary {
    private let start = ContinuousClock.now
    /// The command, as log lines name it.
    let command: String

    /// Writes the line.
    func write(_ served: ServedRequests) {
        let duration = start.duration(to: .now)
        var text = "stopped after \(TimeText.text(duration)): served \(Count.text(served.requests, "request"))"
        text += ", \(ByteCount(served.bytes)) sent"
        if served.errors > 0 { text += ", \(Count.text(served.errors, "error"))" }
        let fields: [String: YAMLValue] = [
            "requests": .integer("\(served.requests)"), "errors": .integer("\(served.errors)"),
            "bytes_sent": .integer("\(served.bytes)"),
            "milliseconds": .integer("\(Int64(max(0, min(duration / .milliseconds(1), 1e15))))"),
        ]
        StandardError.shared.notice("summary", under: command, text, fields)
    }
}
