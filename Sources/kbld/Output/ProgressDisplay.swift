import FoundationEssentials
import ImageStore
import KubernetesYAML
import LibC
import Presentation

/// Shows on standard error how far a transfer is: a bar on a terminal, now and then a line elsewhere, or JSON events.
struct ProgressDisplay: Sendable {
    enum Form: Sendable {
        case bar
        case lines
        case events
    }

    let form: Form
    /// The command, as log lines name it: `package`.
    let command: String
    let text: ProgressText

    /// Shows `progress` until the task is cancelled.
    func run(_ progress: TransferProgress) async {
        switch form {
        case .bar: await runBar(progress)
        case .lines: await runLines(progress)
        case .events: await runEvents(progress)
        }
    }

    private func runBar(_ progress: TransferProgress) async {
        let (clock, start) = (ContinuousClock(), ContinuousClock.now)
        var meter = ProgressMeter()
        // What is over at once isn't worth a bar.
        try? await Task.sleep(for: .milliseconds(400))
        while !Task.isCancelled {
            let reading = meter.read(progress.snapshot, at: start.duration(to: clock.now))
            StandardError.shared.show(
                text.bar(reading, width: Self.terminalWidth, isUnicode: Self.isUnicode)
            )
            try? await Task.sleep(for: .milliseconds(100))
        }
        StandardError.shared.show([])
    }

    /// The first line after five seconds, the next ones ever more rarely: at most one a minute in the end.
    private func runLines(_ progress: TransferProgress) async {
        let (clock, start) = (ContinuousClock(), ContinuousClock.now)
        var meter = ProgressMeter()
        var (next, pause) = (Duration.seconds(5), Duration.seconds(5))
        while !Task.isCancelled {
            let time = start.duration(to: clock.now)
            let reading = meter.read(progress.snapshot, at: time)
            if time >= next, reading.snapshot.phase != nil {
                Log(prefix: command + " | ").line(text.line(reading))
                pause = min(pause * 2, .seconds(60))
                next = time + pause
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    /// An event a second, one where a phase begins, and one at the end.
    private func runEvents(_ progress: TransferProgress) async {
        let (clock, start) = (ContinuousClock(), ContinuousClock.now)
        var meter = ProgressMeter()
        var (next, phase) = (Duration.zero, 0)
        while !Task.isCancelled {
            let time = start.duration(to: clock.now)
            let reading = meter.read(progress.snapshot, at: time)
            if time >= next || reading.snapshot.phaseNumber != phase, reading.snapshot.phase != nil {
                emit(reading)
                (next, phase) = (time + .seconds(1), reading.snapshot.phaseNumber)
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        emit(meter.read(progress.snapshot, at: start.duration(to: clock.now)))
    }

    private func emit(_ reading: ProgressReading) {
        let snapshot = reading.snapshot
        guard let phase = snapshot.phase else { return }
        func number(_ value: Double?) -> YAMLValue {
            value.map { .integer("\(Int64(min($0.rounded(), 9e18)))") } ?? .null
        }
        StandardError.shared.event(
            "progress",
            [
                "command": .string(command),
                "phase": .string(phase.rawValue),
                "items_done": .integer("\(snapshot.itemsDone)"),
                "items_total": .integer("\(snapshot.itemsTotal)"),
                "bytes_done": .integer("\(snapshot.bytesDone)"),
                "bytes_moved": .integer("\(snapshot.bytesMoved)"),
                "bytes_total": .integer("\(snapshot.bytesTotal)"),
                "bytes_per_second": number(reading.bytesPerSecond),
                "seconds_left": number(reading.secondsLeft),
                "in_flight": .list(snapshot.inFlight.map { .string($0) }),
            ]
        )
    }

    private static var terminalWidth: Int { Terminal.width(of: STDERR_FILENO) ?? 80 }

    private static var isUnicode: Bool {
        let variables = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { variables[$0] }.first { !$0.isEmpty } ?? ""
        return locale.uppercased().replacing("-", with: "").contains("UTF8")
    }
}
