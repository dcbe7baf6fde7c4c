import FoundationEssentials

/// A process of this machine.
enum Process {
    /// Whether it is there, and doesn't only wait to be taken note of.
    static func runs(_ number: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8) else { return false }
        return text.split(separator: ")").last?.split(separator: " ").first != "Z"
    }
}
