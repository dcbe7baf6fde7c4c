import ReferenceChecks

/// When a backup was made, as files are called by it: `20261128T201503Z`.
public struct BackupTime: Sendable, Hashable, Comparable {
    /// Seconds since 1970.
    public let seconds: Int64

    /// Creates a time.
    public init(seconds: Int64) { self.seconds = seconds }

    /// Parses a file's name without its ending; several backups of one second have a number behind the time.
    public init?(fileName: String) {
        let bytes = Array(fileName.utf8.prefix(16))
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        let date = "\(text(0..<4))-\(text(4..<6))-\(text(6..<8))T\(text(9..<11)):\(text(11..<13)):\(text(13..<15))Z"
        guard let time = Timestamp(date) else { return nil }
        seconds = time.seconds
    }

    /// Parses a time that people give: a day, which counts to its end, or a day and a time as RFC 3339 has it.
    public init?(given text: String) {
        if text.utf8.count == 10, let day = Timestamp(text + "T23:59:59Z") {
            seconds = day.seconds
        } else if let time = Timestamp(text) {
            seconds = time.seconds
        } else {
            return nil
        }
    }

    private var clock: (hour: String, minute: String, second: String) {
        let rest = ((seconds % 86400) + 86400) % 86400
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return (padded(rest / 3600), padded(rest / 60 % 60), padded(rest % 60))
    }

    /// The time as RFC 3339 has it.
    public var text: String {
        let clock = clock
        return "\(Timestamp(seconds: seconds))T\(clock.hour):\(clock.minute):\(clock.second)Z"
    }

    /// The name of a file, without an ending.
    public var fileName: String {
        let clock = clock
        return "\(Timestamp(seconds: seconds))".filter { $0 != "-" } + "T\(clock.hour)\(clock.minute)\(clock.second)Z"
    }

    /// Orders by time.
    public static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }
}
