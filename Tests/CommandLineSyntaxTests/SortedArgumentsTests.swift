import CommandLineSyntax
import DocumentInput
import Testing

@Suite("The command line as programs in Go take it")
struct SortedArgumentsTests {
    private static let commands = [
        CommandName("resolve"), CommandName("inspect", aliases: ["i", "is"]),
        CommandName(
            "package",
            aliases: ["pkg"],
            subcommands: [CommandName("create"), CommandName("diff"), CommandName("merge")]
        ),
        CommandName("verify"), CommandName("version"),
    ]

    private func sorted(_ arguments: [String]) throws(ArgumentError) -> SortedArguments {
        try SortedArguments(arguments, commands: Self.commands)
    }

    /// Splits a line where it has spaces; `''` is an empty argument.
    private func words(_ line: String) -> [String] {
        line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
    }

    @Test(
        "The command may stand before flags, behind them and between them, under any of its names",
        arguments: [
            ("", [], ""), ("-f a.yml", [], "-f a.yml"), ("inspect -f a.yml", ["inspect"], "-f a.yml"),
            ("-f a.yml is", ["inspect"], "-f a.yml"), ("-f a.yml i -y", ["inspect"], "-f a.yml -y"),
            ("pkg -o x", ["package"], "-o x"), ("--json pkg diff a b", ["package", "diff"], "--json a b"),
            ("pkg --json diff a b", ["package", "diff"], "--json a b"), ("verify diff", ["verify"], "diff"),
            // A flag's value is no command, and what stands behind an argument isn't one either.
            ("-f inspect", [], "-f inspect"), ("--file inspect verify x", ["verify"], "--file inspect x"),
            ("a.yml inspect", [], "a.yml inspect"), ("verify x inspect", ["verify"], "x inspect"),
            ("-yf inspect version", ["version"], "-y -f inspect"), ("-finspect", [], "--file=inspect"),
        ]
    )
    func commands(line: String, path: [String], rest: String) throws {
        let sorted = try sorted(words(line))
        #expect(sorted.path == path && sorted.rest == words(rest))
        #expect(!sorted.asksForHelp && sorted.unknownTopic == nil)
    }

    @Test(
        "A value may be joined to its flag, and a letter to others",
        arguments: [
            ("-f a.yml", "-f a.yml"), ("-fa.yml", "--file=a.yml"), ("-f=a.yml", "--file=a.yml"),
            ("--file=a.yml", "--file=a.yml"), ("--file a.yml", "--file a.yml"), ("-yfa.yml", "-y --file=a.yml"),
            ("-yf a.yml", "-y -f a.yml"), ("-rhost/x", "--repository=host/x"), ("-o - -i -", "-o - -i -"),
            ("-f", "-f"), ("--file", "--file"), ("-f=", "--file="), ("-f -", "-f -"), ("-", "-"),
        ]
    )
    func values(line: String, rest: String) throws {
        #expect(try sorted(words(line)).rest == words(rest))
    }

    @Test(
        "The argument after a flag is its value, even where it begins with a dash, or is empty",
        arguments: [
            ("-f -dash.yml", "--file=-dash.yml"), ("--file -dash.yml", "--file=-dash.yml"),
            ("--file --json", "--file=--json"), ("-yf --", "-y --file=--"), ("--lock-output ''", "--lock-output ''"),
            ("--lock-output= -y", "--lock-output '' -y"), ("-o ''", "-o ''"),
        ]
    )
    func dashes(line: String, rest: String) throws {
        #expect(try sorted(words(line)).rest == words(rest))
    }

    @Test(
        "A flag is on or off by any word that Go takes for true or false",
        arguments: [
            ("--json", "--json"), ("--json=true", "--json"), ("--json=T", "--json"), ("--json=1", "--json"),
            ("--json=false", "--no-json"), ("--json=F", "--no-json"), ("--json=0", "--no-json"),
            ("--no-json", "--no-json"), ("--no-json=true", "--no-json"),
            // Flags that are off where they aren't given have no other form.
            ("--verify=false", ""), ("--verify=true", "--verify"), ("--json false", "--json false"),
        ]
    )
    func switches(line: String, rest: String) throws {
        #expect(try sorted(words(line)).rest == words(rest))
    }

    @Test("Any other word is an error", arguments: ["maybe", "", "yes", "tRUE", "2"])
    func neither(value: String) {
        let error = #expect(throws: ArgumentError.self) { try sorted(["--json=\(value)"]) }
        #expect(error == .notBoolean(flag: "json", value: value))
        #expect(error?.description == "--json must be true or false, not '\(value)'")
    }

    @Test(
        "What isn't known is left to the argument parser, which names it; so is all behind two dashes",
        arguments: [
            "--no-such-flag", "--no-such-flag=x", "-z", "-yz", "-zf a.yml", "--json-x", "-- -f inspect --json=maybe",
        ]
    )
    func unknown(line: String) throws {
        #expect(try sorted(words(line)).rest == words(line))
    }

    @Test("What completion scripts ask is left as it is")
    func completion() throws {
        let asked = ["---completion", "inspect", "-f=x", "--json=maybe"]
        let sorted = try sorted(asked)
        #expect(sorted.path == [] && sorted.rest == asked)
    }

    @Test("A letter stands for the version", arguments: ["-v", "-yv"])
    func version(argument: String) throws {
        #expect(try sorted([argument]).rest.last == "--version")
    }

    @Test(
        "Help is asked for by a flag, a letter or a word, for the command that is named",
        arguments: [
            ("--help", [], nil), ("-h", [], nil), ("help", [], nil), ("-yh", [], nil), ("--help=true", [], nil),
            ("inspect --help", ["inspect"], nil), ("help inspect", ["inspect"], nil),
            ("-h pkg diff", ["package", "diff"], nil),
            ("help pkg diff", ["package", "diff"], nil), ("help nosuch", [], "nosuch"),
            ("help pkg nosuch", ["package"], "nosuch"), ("help help", [], nil),
            ("pkg help", ["package"], nil), ("pkg help diff", ["package", "diff"], nil),
            ("pkg help nosuch", ["package"], "nosuch"),
        ] as [(String, [String], String?)]
    )
    func help(line: String, path: [String], unknown: String?) throws {
        let sorted = try sorted(words(line))
        #expect(sorted.asksForHelp && sorted.path == path && sorted.unknownTopic == unknown)
    }

    @Test(
        "The word help is one only where a command may stand",
        arguments: ["--help=false", "inspect help", "-f help"]
    )
    func noHelp(line: String) throws {
        #expect(try !sorted(words(line)).asksForHelp)
    }

    @Test("Documents may be in files of any name; elsewhere a name must be UTF-8, lest it mean another file")
    func names() throws {
        let name = InputName.text(of: [0x78, 0xFF])
        for arguments in [["-f", name], ["-f" + name], ["--file", name], ["--file=" + name], ["-yf", name]] {
            #expect(try sorted(arguments).rest.contains { $0.contains(name) })
        }
        for arguments in [["-o", name], ["verify", name], ["--lock-output=" + name], ["-f", "a.yml", name]] {
            let error = #expect(throws: ArgumentError.self) { try sorted(arguments) }
            #expect(error?.description.hasSuffix("x\\xff' is not UTF-8") == true)
        }
    }
}
