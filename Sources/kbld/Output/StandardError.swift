import ContainerImage
import FoundationEssentials
import KubernetesYAML
import LibC
import Synchronization

/// Standard error: lines as text or as JSON, and on a terminal a status below them. There is one in a process, and
/// whoever writes to it goes through here, so that lines and status don't mix.
final class StandardError: Sendable {
    static let shared = StandardError()

    enum Level: String, Sendable { case info, warning, error }

    private struct State {
        var options = LogOptions()
        var isJSON: Bool { options.isJSON }
        var isQuiet: Bool { options.isQuiet }
        /// The command that errors are of.
        var command: String?
        var status: [String] = []
        /// How many lines were left out, as nobody read.
        var skippedCount = 0
    }

    private let state = Mutex(State())

    private init() {}

    /// What the flags ask for.
    func configure(_ options: LogOptions) { state.withLock { $0.options = options } }

    /// Whether requests are logged.
    var logsRequests: Bool { state.withLock(\.options.logsRequests) }

    /// What errors are of that don't say so themselves, for those who read JSON.
    func setCommand(_ name: String) { state.withLock { $0.command = name } }

    /// One line. It is written as a whole: lines of several tasks don't mix.
    ///
    /// - Parameter command: What the line comes from, for those who read JSON; as text it is part of the line.
    func line(_ prefix: String, _ text: String, level: Level = .info, command: String? = nil) {
        lines(prefix, [text], level: level, command: command)
    }

    /// Lines that belong together, the first one under the prefix. None of them makes further ones, whatever is in it.
    func lines(_ prefix: String, _ lines: [String], level: Level = .info, command: String? = nil) {
        state.withLock { state in
            guard level == .error || !state.isQuiet else { return }
            guard state.isJSON else {
                return put(prefix + lines.map { TerminalText.line($0) + "\n" }.joined(), state)
            }
            var fields: [String: YAMLValue] = ["message": .string(lines.joined(separator: "\n"))]
            if let command = command ?? (level == .error ? state.command : nil) { fields["command"] = .string(command) }
            put(Self.json(level == .error ? "error" : "log", level, fields), state)
        }
    }

    /// One event, where the log is JSON.
    func event(_ name: String, _ fields: [String: YAMLValue]) {
        state.withLock { state in
            guard state.isJSON, !state.isQuiet else { return }
            put(Self.json(name, .info, fields), state)
        }
    }

    /// A line of a command, which has fields where the log is JSON.
    func notice(_ event: String, under heading: String, _ text: String, _ fields: [String: YAMLValue]) {
        state.withLock { state in
            guard !state.isQuiet else { return }
            guard state.isJSON else { return put("\(heading) | \(TerminalText.line(text))\n", state) }
            let all = fields.merging(["command": .string(state.command ?? heading), "message": .string(text)]) {
                field,
                _ in field
            }
            put(Self.json(event, .info, all), state)
        }
    }

    /// One line, or an event where the log is JSON, which is left out while it would have to be waited for. Text and
    /// fields are short: what a pipe that isn't full takes at once.
    func passingLine(_ text: String, event: String, fields: [String: YAMLValue]) {
        state.withLock { state in
            guard !state.isQuiet else { return }
            guard Self.isReady else {
                state.skippedCount += 1
                return
            }
            if state.skippedCount > 0 {
                let words = "\(Count.text(state.skippedCount, "line")) of the access log left out, as nobody read them"
                state.skippedCount = 0
                let json = Self.json("log", .warning, ["message": .string(words)])
                put(state.isJSON ? json : Log.warningPrefix + words + "\n", state)
                guard Self.isReady else { return }
            }
            put(state.isJSON ? Self.json(event, .info, fields) : TerminalText.line(text) + "\n", state)
        }
    }

    /// Whether something can be written without waiting.
    private static var isReady: Bool {
        var poll = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 1 && poll.revents & Int16(POLLOUT) != 0
    }

    /// Shows `lines` below what has been written, in place of the previous ones.
    func show(_ lines: [String]) {
        state.withLock { state in show(lines, &state) }
    }

    /// Takes away what is shown below, unless that would have to be waited for: standard error may be stuck.
    func clearAtOnce() {
        _ = state.withLockIfAvailable { state in
            if Self.isReady { show([], &state) }
        }
    }

    private func show(_ lines: [String], _ state: inout State) {
        let lines = lines.map(TerminalText.line)
        guard lines != state.status else { return }
        let hadNone = state.status.isEmpty
        state.status = lines
        if !lines.isEmpty || !hadNone { put("", state, clears: true) }
    }

    private func put(_ text: String, _ state: State, clears: Bool = false) {
        var whole = text
        if clears || !state.status.isEmpty {
            // To the line's beginning, and all below is erased; then up again, to where the next writing begins.
            let up = state.status.count > 1 ? "\u{1B}[\(state.status.count - 1)A" : ""
            whole = "\r\u{1B}[J" + text + state.status.joined(separator: "\r\n") + up + "\r"
        }
        var bytes = Array(whole.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    private static func json(_ event: String, _ level: Level, _ fields: [String: YAMLValue]) -> String {
        var all = fields
        all["time"] = .string(Date.now.ISO8601Format(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        all["level"] = .string(level.rawValue)
        all["event"] = .string(event)
        return TerminalText.json(JSONWriter.compactText(of: .map(all))) + "\n"
    }
}
