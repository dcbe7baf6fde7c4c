import ArgumentParser

/// How much may go on at once.
enum Concurrency {
    private static let limits = 1...10_000

    /// Refuses what can't be meant.
    ///
    /// - Throws: `ValidationError` that names the flag.
    static func check(_ count: Int, of flag: String = "--concurrency") throws {
        guard limits.contains(count) else {
            throw ValidationError("\(flag) must be \(limits.lowerBound) to \(limits.upperBound)")
        }
    }
}
