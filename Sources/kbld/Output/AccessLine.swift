import FoundationEssentials
import KubernetesYAML
import RegistryServer

/// A request in an access log: a line in the combined log format of web servers, or an event.
struct AccessLine {
    let record: AccessRecord
    private let time = Date.now

    init(_ record: AccessRecord) { self.record = record }

    /// Writes it to standard error, unless that isn't read: nobody who pulls waits for a log.
    func write(command: String) {
        StandardError.shared.passingLine(text, event: "access", fields: fields(command))
    }

    private var text: String {
        let user = record.user.map { $0.replacing(" ", with: "_") } ?? "-"
        return "\(record.client) - \(user) [\(Self.stamp(time))] \"\(quoted(record.method)) "
            + "\(quoted(record.target)) HTTP/1.1\" \(record.status) \(record.bytes.map(String.init) ?? "-") \"-\" "
            + "\"\(record.userAgent.map(quoted) ?? "-")\""
    }

    private func quoted(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// `28/Nov/2026:13:45:01 +0000`.
    private static func stamp(_ time: Date) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // 2026-11-28T13:45:01Z
        let text = time.ISO8601Format()
        let date = text.prefix { $0 != "T" }.split(separator: "-")
        guard date.count == 3, let month = Int(date[1]), months.indices.contains(month - 1) else { return text }
        return "\(date[2])/\(months[month - 1])/\(date[0]):\(text.dropFirst(11).prefix(8)) +0000"
    }

    private func fields(_ command: String) -> [String: YAMLValue] {
        let (seconds, attoseconds) = record.duration.components
        return [
            "command": .string(command), "client": .string(record.client),
            "user": record.user.map(YAMLValue.string) ?? .null, "method": .string(record.method),
            "path": .string(record.target), "status": .integer("\(record.status)"),
            "bytes": record.bytes.map { YAMLValue.integer("\($0)") } ?? .null,
            "milliseconds": .integer("\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"),
            "user_agent": record.userAgent.map(YAMLValue.string) ?? .null,
        ]
    }
}
