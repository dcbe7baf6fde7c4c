import FoundationEssentials
import LibC
import TestSupport
import Testing

/// Alters known inputs at random, for as long as there is time, and hands them to code that must take anything.
///
/// `KBLD_FUZZ_SECONDS` is the time for each target (5 where it isn't set). A run prints its seed; with that in
/// `KBLD_FUZZ_SEED` it does the same again.
struct Fuzzer {
    private var random: SplitMix
    private let seeds: [[UInt8]]
    private let words: [[UInt8]]
    private let name: String

    init(_ name: String, seeds: [String], words: [String] = []) {
        self.init(name, seeds: seeds.map { Array($0.utf8) }, words: words)
    }

    init(_ name: String, seeds: [[UInt8]], words: [String] = []) {
        let given = ProcessInfo.processInfo.environment["KBLD_FUZZ_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64(time(nil))
        self.name = name
        self.seeds = seeds
        self.words = words.map { Array($0.utf8) }
        random = SplitMix(seed: seed)
        // A trap ends the process: what was tried must be known before.
        Self.say("fuzzing \(name), KBLD_FUZZ_SEED=\(seed)")
    }

    /// Calls `body` with altered inputs until the time is up; gives how many there were.
    @discardableResult
    mutating func run(_ body: ([UInt8]) async throws -> Void) async rethrows -> Int {
        let seconds = ProcessInfo.processInfo.environment["KBLD_FUZZ_SECONDS"].flatMap { Int($0) } ?? 5
        let end = ContinuousClock.now + .seconds(seconds)
        var count = 0
        while count % 16 != 0 || ContinuousClock.now < end {
            try await body(next())
            count += 1
            // Other tests have their turn.
            if count % 16 == 0 { await Task.yield() }
        }
        Self.say("fuzzed \(name): \(count) inputs")
        return count
    }

    private static func say(_ line: String) {
        _ = Array((line + "\n").utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private mutating func next() -> [UInt8] {
        var bytes = seeds[random.below(seeds.count)]
        for _ in 0...random.below(5) { alter(&bytes) }
        return bytes
    }

    private mutating func alter(_ bytes: inout [UInt8]) {
        let start = random.below(bytes.count + 1)
        let end = min(bytes.count, start + random.below(40))
        switch random.below(9) {
        case 0 where start < bytes.count: bytes[start] ^= 1 << UInt8(random.below(8))
        case 1 where start < bytes.count: bytes[start] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.removeSubrange(start..<end)
        case 3: bytes.insert(contentsOf: bytes[start..<end], at: random.below(bytes.count + 1))
        case 4: bytes.removeSubrange(start...)
        case 5:
            let other = seeds[random.below(seeds.count)]
            bytes.replaceSubrange(start..., with: other[min(start, other.count)...])
        case 6 where !words.isEmpty: bytes.insert(contentsOf: words[random.below(words.count)], at: start)
        case 7 where !words.isEmpty && random.below(50) == 0:
            let word = words[random.below(words.count)]
            bytes.insert(contentsOf: repeatElement(word, count: 1 << random.below(14)).joined(), at: start)
        default:
            let digits = ["0", "-1", "9223372036854775807", "9223372036854775808", "1e400", "4294967296"]
            bytes.replaceSubrange(start..<end, with: digits[random.below(digits.count)].utf8)
        }
    }
}
