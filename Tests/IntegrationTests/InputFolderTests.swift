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

    @Test("the order is that of the names' bytes, however characters are composed")
    func order() async throws {
        let outcome = try await run(
            """
            mkdir d; for name in f $'e\\xcc\\x81' $'\\xc3\\xa9a' z $'\\xff' B $'\\xef\\xbf\\xae' $'\\xf0\\x9f\\x98\\x80' a/b a.b; do
              mkdir -p "$(dirname "d/$name")"; printf 'name: "%s"\\n' "$(printf %s "$name" | od -An -tx1 | tr -d ' ')" > "d/$name.yml"
            done
            "$0" -f d > read; cd d; find . -type f | LC_ALL=C sort | xargs cat | tr -d '"' > ../sorted; cd ..
            grep -v -e --- read | tr -d '"' | cmp - sorted
            """
        )
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.log)")
    }

    @Test(
        "what can't be looked at is an error that names it, not something to pass over",
        arguments: [
            ("truncate -s 2G d/x.yml", "'d/x.yml': the document is longer than 1024 MiB"),
            ("ln -s ../gone.yml d/x.yml", "'d/x.yml': No such file or directory"),
            ("ln -s x.yml d/x.yml", "'d/x.yml': Too many levels of symbolic links"),
            ("mkdir f; ln -s ../f d/x.yml", "'d/x.yml': Is a directory"),
            ("mkdir d/f; ln -s gone.json $'d/f/\\xff.json'", "'d/f/\\xff.json': No such file or directory"),
        ]
    )
    func broken(prepare: String, words: String) async throws {
        let outcome = try await run("mkdir d; echo 'a: 1' > d/a.yml; \(prepare); \"$0\" -f d")
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(outcome.log == "kbld: Error: Reading \(words)\n")
    }

    @Test("links to files are followed; links to folders, and other files, are ignored")
    func links() async throws {
        let outcome = try await run(
            """
            mkdir d e; echo 'a: 1' > e/x; echo 'b: 1' > e/y.yml; ln -s ../e/x d/x.yml; ln -s ../e d/e; ln -s .. d/up
            ln -s gone d/README; "$0" -f d
            """
        )
        #expect(outcome.status == 0 && outcome.output == "---\na: 1\n", "\(outcome.log)")
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

    @Test("an answer from the web that ends too early is reported as such")
    func shortAnswer() async throws {
        let outcome = try await run(
            #"""
            cat > serve.py <<'END'
            import socket, subprocess, sys
            server = socket.create_server(("127.0.0.1", 0))
            address = "http://127.0.0.1:%d/x.yml" % server.getsockname()[1]
            program = subprocess.Popen([sys.argv[1], "-f", address])
            connection, _ = server.accept()
            connection.recv(9999)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\na: 1\n")
            connection.close()
            sys.exit(program.wait())
            END
            python3 serve.py "$0"
            """#
        )
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(
            outcome.log.hasSuffix("the server closed the connection before the end of its answer\n"),
            "\(outcome.log)"
        )
    }

    @Test(
        "a server of documents that falls silent is given up",
        arguments: ["", "Content-Length: 99\\r\\n\\r\\na: 1\\n"]
    )
    func silentServer(beginning: String) async throws {
        let outcome = try await run(
            #"""
            cat > serve.py <<'END'
            import socket, subprocess, sys
            server = socket.create_server(("127.0.0.1", 0))
            address = "http://127.0.0.1:%d/x.yml" % server.getsockname()[1]
            program = subprocess.Popen([sys.argv[1], "-f", address, "--idle-timeout", "1"])
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 200 OK\r\n\#(beginning)")
            sys.exit(program.wait())
            END
            timeout 20 python3 serve.py "$0"
            """#
        )
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(outcome.log.contains("the server stayed silent for too long"), "\(outcome.log)")
    }

    @Test("a block of text at the end of a file keeps its line break where the file's last line has none")
    func endOfFile() async throws {
        let outcome = try await run(
            "printf 'a: |\\n  x' > in.yml; \"$0\" -f in.yml; \"$0\" -f - < in.yml; mkdir d; mv in.yml d; \"$0\" -f d"
        )
        #expect(outcome.output == String(repeating: "---\na: |\n  x\n", count: 3))
    }
}
