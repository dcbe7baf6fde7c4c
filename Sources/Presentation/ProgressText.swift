import ContainerImage
import ImageStore

/// How far a transfer is, in words.
public struct ProgressText: Sendable {
    /// What copying is called: `downloading`, `uploading`.
    private let copying: String

    /// - Parameter copying: What copying is called: `downloading`, `uploading`.
    public init(copying: String) { self.copying = copying }

    /// One line for a log: `downloading: 61% (612 MiB of 1.0 GiB), 3 of 8 blobs, 45.1 MiB/s, 0:12 left`.
    public func line(_ reading: ProgressReading) -> String {
        guard let phase = reading.snapshot.phase else { return "" }
        var parts: [String] = []
        if let fraction = reading.fraction, reading.snapshot.bytesTotal > 0 {
            parts.append("\(Self.percent(fraction)) (\(bytes(reading)))")
        }
        parts.append("\(items(reading)) \(Self.noun(phase))")
        return "\(verb(phase)): " + (parts + rates(reading)).joined(separator: ", ")
    }

    /// Two lines for a terminal: a bar, and what is under way.
    ///
    /// - Parameters:
    ///   - width: How many columns there are; no line is as wide.
    ///   - isUnicode: Whether the terminal shows more than ASCII.
    public func bar(_ reading: ProgressReading, width: Int, isUnicode: Bool) -> [String] {
        guard let phase = reading.snapshot.phase else { return [] }
        let amount = reading.snapshot.bytesTotal > 0 ? bytes(reading) : items(reading)
        var texts = [amount] + rates(reading)
        let percent = reading.fraction.map { Self.padded(Self.percent($0), to: 4) }
        let room = max(0, width - 1)
        func length() -> Int {
            verb(phase).count + (percent.map { $0.count + 2 } ?? 0) + texts.reduce(0) { $0 + $1.count + 2 }
        }
        while texts.count > 1, length() > room { texts.removeLast() }
        var line = verb(phase)
        let barWidth = min(40, room - length() - 2)
        if let fraction = reading.fraction, barWidth >= 5 {
            line += "  " + Self.bar(fraction, width: barWidth, isUnicode: isUnicode)
        }
        if let percent { line += "  " + percent }
        line += texts.map { "  " + $0 }.joined()
        var lines = [String(line.prefix(room))]
        if !reading.snapshot.inFlight.isEmpty { lines.append(names(reading, phase, room: room)) }
        return lines
    }

    private func names(_ reading: ProgressReading, _ phase: TransferProgress.Phase, room: Int) -> String {
        let all = reading.snapshot.inFlight.map(Self.printable)
        var text = reading.snapshot.bytesTotal > 0 ? "  \(items(reading)) \(Self.noun(phase)): " : "  "
        for (position, name) in all.enumerated() {
            let rest = all.count - position - 1
            let tail = rest > 0 ? ", +\(rest)" : ""
            let separator = position > 0 ? ", " : ""
            if position > 0, text.count + separator.count + name.count + tail.count > room {
                return String((text + ", +\(rest + 1)").prefix(room))
            }
            text += separator + name
        }
        return String(text.prefix(room))
    }

    private func verb(_ phase: TransferProgress.Phase) -> String {
        switch phase {
        case .resolve: "resolving"
        case .read: "reading manifests"
        case .check: "verifying"
        case .copy: copying
        case .push: "pushing manifests"
        }
    }

    private static func noun(_ phase: TransferProgress.Phase) -> String {
        switch phase {
        case .resolve: "references"
        case .read, .push: "manifests"
        case .check, .copy: "blobs"
        }
    }

    private func items(_ reading: ProgressReading) -> String {
        "\(reading.snapshot.itemsDone) of \(reading.snapshot.itemsTotal)"
    }

    private func bytes(_ reading: ProgressReading) -> String {
        let done = reading.snapshot.bytesDone
        return "\(ByteCount(done)) of \(ByteCount(reading.snapshot.bytesTotal))"
    }

    private func rates(_ reading: ProgressReading) -> [String] {
        let rate = reading.bytesPerSecond.map { ["\(ByteCount(Int64($0)))/s"] } ?? []
        return rate + (reading.secondsLeft.map { ["\(Self.time($0)) left"] } ?? [])
    }

    /// `0:07`, `12:30`, `3:05:00`; days become hours.
    static func time(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 3_600_000))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(whole % 60)
    }

    /// Rounded down, so that 100 % means all.
    private static func percent(_ fraction: Double) -> String { "\(Int(fraction * 100))%" }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func bar(_ fraction: Double, width: Int, isUnicode: Bool) -> String {
        let halves = Int(fraction * Double(width * 2))
        let full = halves / 2
        guard isUnicode else {
            return "[" + String(repeating: "#", count: max(0, full - 2))
                + String(repeating: ".", count: width - 2 - max(0, full - 2)) + "]"
        }
        let half = halves % 2 == 1 ? "╸" : ""
        return String(repeating: "━", count: full) + half
            + String(repeating: "─", count: width - full - half.count)
    }

    /// Names come from documents: what would move the cursor doesn't reach the terminal.
    private static func printable(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
            )
        )
    }
}
