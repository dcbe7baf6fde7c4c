import Testing

@Suite("YAML as another reader sees it", .needs())
struct YAMLRoundTripTests {
    @Test("random documents come out with the values that went in", arguments: [1, 2])
    func roundTrip(seed: Int) async throws {
        try await Lab.open { lab in
            let arguments = [lab.script("yaml_round_trip.py"), Lab.program, "\(seed)", "400"]
            let outcome = try await lab.run("python3", arguments)
            #expect(outcome.output == "400 documents are the same\n", "\(outcome.log)")
        }
    }
}
