import FoundationEssentials
import Testing

@Suite("Images copied by several processes", .needs(.dockerRegistry, .skopeo))
struct ShardTests {
    private static let shards = 3

    /// Kills the run as soon as it knows its part, and has hardly begun: it gets few bytes a second.
    private static let kill = """
        "$@" --limit-rate 1k 2> killed.log & pid=$!
        until grep -q 'shard 1/3' killed.log; do kill -0 $pid || exit 1; done
        kill -9 $pid; wait $pid; [ $? = 137 ]
        """

    @Test(
        "shards with a Job's environment, one of them killed and started again, leave the same bytes",
        arguments: [
            "relocate", "unpkg",
        ]
    )
    func shards(command: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                try await lab.registry { target in
                    let images = try await lab.push("basic", to: source).merging(lab.push("exotic", to: source)) { $1 }
                    let list = images.values.sorted().map { "- image: \($0)\n" }.joined()
                    try lab.write("all:\n" + list, to: "in.yml")
                    try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"])
                    let input = command == "unpkg" ? ["-i", "p.tar"] : []
                    func run(_ repository: String, _ more: String..., index: Int? = nil) async throws -> Lab.Outcome {
                        let index = index.map { ["JOB_COMPLETION_INDEX": "\($0)"] } ?? [:]
                        let all = [command, "-f", "in.yml", "-r", repository] + input + more
                        let outcome = try await lab.run(Lab.program, all, environment: index)
                        try #require(outcome.status == 0, "\(outcome.log)")
                        return outcome
                    }
                    let repository = target + "/divided"
                    let killed =
                        ["-c", Self.kill, "sh", Lab.program, command, "-f", "in.yml", "-r", repository] + input
                    try await lab.succeed("sh", killed + ["--shard", "1/\(Self.shards)"])
                    // Each knows only its number.
                    let logs = try await withThrowingTaskGroup(of: Lab.Outcome.self) { group in
                        for index in 0..<Self.shards {
                            group.addTask { try await run(repository, "--shard", "auto/\(Self.shards)", index: index) }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(logs.allSatisfy { $0.output.isEmpty })
                    let last = try await run(repository, "--no-recheck", "--debug")
                    let requests = last.log.split(separator: "\n").filter {
                        $0.contains(target) && $0.contains(": 200")
                    }
                    #expect(
                        requests.count == Set(images.values.map { $0.split(separator: "@")[1] }).count,
                        "\(last.log)"
                    )
                    #expect(requests.allSatisfy { $0.contains("HEAD ") })
                    let whole = try await run(target + "/whole")
                    #expect(last.output == whole.output.replacing("/whole@", with: "/divided@"))
                    #expect(try await lab.tags(repository) == lab.tags(target + "/whole"))
                    // Nothing lacks: a run that asks for every part sends nothing.
                    let again = try await run(repository, "--debug")
                    #expect(!again.log.contains("PUT ") && !again.log.contains("POST "), "\(again.log)")
                }
            }
        }
    }
}
