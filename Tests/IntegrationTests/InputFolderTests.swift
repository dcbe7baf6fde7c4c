import Testing

@Suite("Files and folders of documents")
struct InputFolderTests {
    /// Runs a script in which `$0` is the program.
    private func run(_ script: String) async throws -> Lab.Outcome {
        try await Lab.open { lab in try await lab.run("bash", ["-c", script, Lab.program]) }
    }

    @Test("names that aren't UTF-8 are read as they are, in folders and by themselves")
    func otherNames() async throws {
        let inFolder = try await run(
            """
            mkdir -p d/$'sub\\xff' && echo 'at: 1' > d/$'caf\\xe9.yml' && echo 'at: 2' > d/$'sub\\xff'/a.yml && "$0" -f d
            """
        )
        #expect(inFolder.status == 0 && inFolder.output == "---\nat: 1\n---\nat: 2\n", "\(inFolder.log)")
        let alone = try await run(
            """
            for name in $'caf\\xe9.yml' $'\\xf4\\x8f\\xbf\\xa9' 'é.yml' $'\\xf0\\x9f\\x98\\x80\\xff'; do
              echo "at: $name" | tr -d '\\200-\\377' > "$name"; "$0" -f "$name"; "$0" "-f$name"; "$0" --file="$name"
            done
            """
        )
        let expected = ["at: caf.yml", "at: null", "at: .yml", "at: null"].map { "---\n\($0)\n" }
        #expect(alone.output == expected.map { $0 + $0 + $0 }.joined(), "\(alone.log)")
        #expect(alone.status == 0 && alone.log == "", "\(alone.log)")
    }

    @Test(
        "elsewhere such a name is refused before anything is done: it would come to mean another file",
        arguments: [
            "pkg -f in.yml -o $'x\\xff.tar'", "verify $'x\\xff.tar'", "-f in.yml --lock-output=$'x\\xff'",
            "unpkg -f in.yml -i $'x\\xff.tar' -r r.io/x", "-f in.yml $'\\xff'",
        ]
    )
    func refusedNames(arguments: String) async throws {
        let outcome = try await run(
            "echo 'a: 1' > in.yml; touch $'x\\xff.tar' $'x\\xef\\xbf\\xbd.tar'; \"$0\" \(arguments); echo $? *"
        )
        #expect(outcome.output == "1 home in.yml x\u{FFFD}.tar x\u{FFFD}.tar\n", "\(outcome.output)")
        #expect(outcome.log.hasSuffix("\\xff' is not UTF-8\n") || outcome.log.hasSuffix("\\xff.tar' is not UTF-8\n"))
    }

    @Test("an image map may come from a pipe")
    func mapFromPipe() async throws {
        let outcome = try await run(
            """
            echo 'image: a' > in.yml
            "$0" -f in.yml --image-map-file <(sleep 0.1; echo '{"a": "r.io/b:1"}') --images-annotation=false
            """
        )
        #expect(outcome.status == 0 && outcome.output == "---\nimage: r.io/b:1\n", "\(outcome.log)")
    }

    @Test("a block of text at the end of a file keeps its line break where the file's last line has none")
    func endOfFile() async throws {
        let outcome = try await run(
            "printf 'a: |\\n  x' > in.yml; \"$0\" -f in.yml; \"$0\" -f - < in.yml; mkdir d; mv in.yml d; \"$0\" -f d"
        )
        #expect(outcome.output == String(repeating: "---\na: |\n  x\n", count: 3))
    }
}
