import Testing

/// Memory grows with the number of images by what their manifests and configs take, and by little else.
@Suite("What many images cost", .needs())
struct ManyImagesTests {
    /// The most that one image may take, in KiB: its manifest and config are 1 KiB here.
    private static let share = 7

    @Test("memory grows by at most 7 KiB an image: packaged, installed, and installed again")
    func memory() async throws {
        try await Lab.open { lab in
            @Sendable func peak(_ arguments: String...) async throws -> Int {
                let outcome = try await lab.run("python3", [lab.script("peak_memory.py"), Lab.program] + arguments)
                try #require(outcome.status == 0, "\(outcome.log)")
                return try #require(Int(outcome.output.dropLast()))
            }
            let registry = ["serve-registry", "--listen", "127.0.0.1:0"]
            try await lab.serve(Lab.program, registry) { source in
                try await lab.serve(Lab.program, registry) { destination in
                    var peaks: [[Int]] = []
                    let counts = [300, 2300]
                    for count in counts {
                        let made = try await lab.run(
                            "python3",
                            [lab.script("many_images.py"), "127.0.0.1:\(source)", "\(count)"]
                        )
                        try #require(made.status == 0, "\(made.log)")
                        try lab.write(made.output, to: "in.yml")
                        let to = "127.0.0.1:\(destination)/app\(count)"
                        peaks.append([
                            try await peak("pkg", "-f", "in.yml", "-o", "p.tar"),
                            try await peak("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", to),
                            try await peak("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", to),
                        ])
                    }
                    for (few, many) in zip(peaks[0], peaks[1]) {
                        #expect(many > few && many - few <= (counts[1] - counts[0]) * Self.share, "\(peaks)")
                    }
                }
            }
        }
    }
}
