import ArgumentParser
import FoundationEssentials
import KbldWorkflows

/// Which of several processes this one is.
struct ShardFlags: ParsableArguments {
    @Option(
        name: .customLong("shard"),
        help: ArgumentHelp(
            "Part of the images: 0/4, or auto/4.",
            discussion: "The images are divided by digest, so that each of four processes copies another part; auto is "
                + "the number in JOB_COMPLETION_INDEX, as in an Indexed Job of Kubernetes. No documents are printed: "
                + "a last run without --shard does that.",
            valueName: "shard"
        )
    )
    var text: String?

    @Flag(
        name: .customLong("recheck"),
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Ask for the parts of present images.",
            discussion:
                "With --no-recheck an image that is there is taken as whole: one request an image, as is enough "
                + "after shards."
        )
    )
    var rechecks = true

    static let variable = "JOB_COMPLETION_INDEX"
    private static let largest = 10_000

    func validate() throws { _ = try shard() }

    /// What the flag means; nil for all images.
    ///
    /// - Throws: `ValidationError`.
    func shard() throws -> Shard? {
        guard let text else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Self.number(parts[1]), (1...Self.largest).contains(count) else {
            throw ValidationError("--shard must be I/N or auto/N, N from 1 to \(Self.largest), not '\(text)'")
        }
        let index: Int
        if parts[0] == "auto" {
            let value = ProcessInfo.processInfo.environment[Self.variable] ?? ""
            guard !value.isEmpty else {
                throw ValidationError("--shard \(text) needs the variable \(Self.variable), which an Indexed Job sets")
            }
            guard let number = Self.number(value[...]), number < count else {
                throw ValidationError(
                    "\(Self.variable) must be from 0 to \(count - 1) for --shard \(text), not '\(value)'"
                )
            }
            index = number
        } else {
            guard let number = Self.number(parts[0]), number <= count else {
                throw ValidationError("--shard \(text): the shard must be from 0 to \(count - 1)")
            }
            // Those who count from 1 have each shard once, too.
            index = number % count
        }
        return Shard(index: index, count: count)
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    /// Refuses what only a run with all images can write.
    func check(_ outputs: [(flag: String, isGiven: Bool)]) throws {
        guard text != nil else { return }
        for output in outputs where output.isGiven {
            throw ValidationError("\(output.flag) needs all images: give it to the last run, without --shard")
        }
    }
}
