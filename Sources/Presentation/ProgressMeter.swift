public import ImageStore

/// Turns counters into rates: how fast bytes have moved in the last seconds, and how long the rest takes.
public struct ProgressMeter: Sendable {
    private var samples: [Sample] = []
    private var phase = 0

    private struct Sample {
        var time: Duration
        var bytes: Int64
        var items: Int
    }

    /// How far back a rate looks.
    private static let window = Duration.seconds(5)

    /// Creates a meter without samples.
    public init() {}

    /// What `snapshot` means.
    ///
    /// - Parameter time: When it was taken, by a clock that only goes forward.
    public mutating func read(_ snapshot: TransferProgress.Snapshot, at time: Duration) -> ProgressReading {
        if snapshot.phaseNumber != phase {
            phase = snapshot.phaseNumber
            samples = []
        }
        samples.append(Sample(time: time, bytes: snapshot.bytesMoved, items: snapshot.itemsDone))
        // The oldest sample that is kept is the last one outside of the window.
        while samples.count > 2, time - samples[1].time >= Self.window { samples.removeFirst() }
        var reading = ProgressReading(snapshot: snapshot)
        let seconds = (time - samples[0].time) / .seconds(1)
        guard seconds >= 0.2 else { return reading }
        let bytesPerSecond = Double(snapshot.bytesMoved - samples[0].bytes) / seconds
        let itemsPerSecond = Double(snapshot.itemsDone - samples[0].items) / seconds
        if snapshot.bytesTotal > 0 {
            reading.bytesPerSecond = max(0, bytesPerSecond)
            let left = snapshot.bytesTotal - snapshot.bytesDone
            if bytesPerSecond > 0 { reading.secondsLeft = Double(max(0, left)) / bytesPerSecond }
        } else if itemsPerSecond > 0 {
            reading.secondsLeft = Double(max(0, snapshot.itemsTotal - snapshot.itemsDone)) / itemsPerSecond
        }
        return reading
    }
}

/// Counters and what follows from them.
public struct ProgressReading: Sendable, Equatable {
    /// The counters.
    public var snapshot: TransferProgress.Snapshot
    /// The rate of the last seconds; nil if none is known yet, or no bytes move.
    public var bytesPerSecond: Double?
    /// How long the phase will take yet, at this rate.
    public var secondsLeft: Double?

    /// How much of the phase is done, from 0 to 1: by bytes, or by items where no bytes move.
    public var fraction: Double? {
        if snapshot.bytesTotal > 0 {
            return min(1, Double(snapshot.bytesDone) / Double(snapshot.bytesTotal))
        }
        guard snapshot.itemsTotal > 0 else { return nil }
        return min(1, Double(snapshot.itemsDone) / Double(snapshot.itemsTotal))
    }
}
