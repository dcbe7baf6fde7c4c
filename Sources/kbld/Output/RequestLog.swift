import KubernetesYAML
import Logging

/// Requests to registries, in lines of the log.
struct RequestLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    /// A logger that writes them, or nothing.
    static func logger(isOn: Bool) -> Logger {
        Logger(label: "requests") { _ in isOn ? RequestLog() as any LogHandler : SwiftLogNoOpLogHandler() }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).mapValues { value in
            let text = "\(value)"
            return Int64(text) == nil ? YAMLValue.string(text) : .integer(text)
        }
        StandardError.shared.notice("request", under: "debug", "\(event.message)", fields)
    }
}
