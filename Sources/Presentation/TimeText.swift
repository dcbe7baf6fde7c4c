/// How long something took, in words.
public enum TimeText {
    /// `19 ms`, `12.3 s`, `2 min 5 s`, `1 h 5 min`.
    public static func text(_ duration: Duration) -> String {
        if duration < .milliseconds(1000) { return "\(Int64(max(0, duration / .milliseconds(1)))) ms" }
        let tenths = Int64(max(0, min((duration / .milliseconds(100)).rounded(), 1e15)))
        guard tenths >= 600 else { return "\(tenths / 10).\(tenths % 10) s" }
        let seconds = (tenths + 5) / 10
        guard seconds >= 3600 else { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }
}
