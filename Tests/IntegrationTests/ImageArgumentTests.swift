import Testing

@Suite("Packaging images by name", .serialized, .needs(.dockerRegistry))
struct ImageArgumentTests {
    @Test("arguments, a list and documents with tags give the package of the resolved documents")
    func same() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                _ = try await lab.push("basic", to: host)
                let names = ["\(host)/lib/multi:latest", "\(host)/lib/multi-docker:latest"]
                try lab.write("# ours\n" + names.joined(separator: "  # one\r\n\n") + "\n", to: "images.txt")
                try lab.write(names.map { "image: \($0)\n" }.joined(separator: "---\n"), to: "app.yml")
                try lab.write("images.tar is a file\n", to: "images")
                let commands = [
                    names + ["--resolved-output", "resolved.yml"],
                    ["--image-list-file", "images.txt", "--imgpkg-lock-output", "resolved.yml"],
                    ["--file", "app.yml", "--resolve", "--lock-output", "resolved.yml"],
                ]
                for command in commands {
                    let packed = try await lab.run(Lab.program, ["pkg", "-o", "one.tar"] + command)
                    #expect(packed.status == 0 && packed.output == "", "\(packed.log)")
                    #expect(packed.log.contains("package | final: \(names[0]) -> \(host)/lib/multi@sha256:"))
                    let again = try await lab.kbld("pkg", "-f", "resolved.yml", "-o", "two.tar")
                    #expect(again.status == 0, "\(again.log)")
                    #expect(try lab.read("one.tar") == lab.read("two.tar"))
                    let installed = try await lab.kbld(
                        "unpkg",
                        "-f",
                        "resolved.yml",
                        "-i",
                        "one.tar",
                        "-r",
                        "\(host)/to",
                        "--lock-output",
                        "to.yml"
                    )
                    #expect(installed.status == 0, "\(installed.log)")
                    #expect(try lab.text("to.yml").contains("newImage: \(host)/to@sha256:"))
                }
            }
        }
    }

    @Test("a file, a bad name and outputs of nothing are told before a registry is asked")
    func mistakes() async throws {
        try await Lab.open { lab in
            try lab.write("nothing:1\n\nBAD\n", to: "images.txt")
            try lab.write("", to: "package")
            let cases = [
                (["resolved.yml"], "unexpected argument 'resolved.yml'; did you mean '-f resolved.yml'?"),
                (["package"], "did you mean '-f package'?"),
                (["NGINX"], "image reference 'NGINX': a repository name must be lowercase"),
                (["--image-list-file", "images.txt"], "Reading list of images 'images.txt', line 3: "),
                (["--image-list-file", "none"], "Reading list of images 'none': No such file or directory"),
                (["-f", "-", "--image-list-file", "-"], "Standard input (-) can be given only once"),
                (["-f", "a", "--resolved-output", "b"], "--resolved-output needs --resolve"),
                (["nginx", "--resolved-output", "none/b"], "Writing 'none/b': No such file or directory"),
            ]
            for (arguments, message) in cases {
                let outcome = try await lab.run(Lab.program, ["pkg", "-o", "x.tar"] + arguments)
                #expect(outcome.status == 1 && outcome.log.contains(message), "\(arguments): \(outcome.log)")
                #expect(outcome.log.split(separator: "\n").count == 1, "\(outcome.log)")
            }
            #expect(try lab.files().contains("x.tar") == false)
        }
    }
}
