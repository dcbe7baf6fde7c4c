import CommandLineSyntax
import Testing

@Suite("Pages of help")
struct HelpPageTests {
    private static func flag(_ name: String, _ text: String, isOn: Bool = false) -> [CommandDescription.Argument] {
        [name, "no-" + name].map {
            .init(
                kind: "flag",
                shouldDisplay: true,
                isOptional: true,
                isRepeating: false,
                names: [.init(kind: "long", name: $0)],
                valueName: $0,
                defaultValue: $0.hasPrefix("no-") ? nil : isOn ? "--" + name : "--no-" + name,
                abstract: text
            )
        }
    }

    private static func option(
        _ name: String,
        _ text: String,
        letter: String? = nil,
        isRepeating: Bool = false,
        isShown: Bool = true
    ) -> CommandDescription.Argument {
        .init(
            kind: "option",
            shouldDisplay: isShown,
            isOptional: true,
            isRepeating: isRepeating,
            names: (letter.map { [.init(kind: "short", name: $0)] } ?? []) + [.init(kind: "long", name: name)],
            valueName: "value",
            defaultValue: name == "retries" ? "4" : nil,
            abstract: text
        )
    }

    private static let command = CommandDescription(
        commandName: "pack",
        aliases: ["p"],
        abstract: "Pack things.",
        discussion: """
            It takes
            long.

            Examples:
              kbld pack -f a.yml --output a-name-that-is-much-longer-than-any-line-of-this-page.tar
              kbld pack --help
            """,
        arguments: [
            option("retries", "Retries."),
            option("file", "Documents. Or something more.", letter: "f", isRepeating: true),
        ]
            + flag("resume", "Go on.", isOn: true) + flag("dry-run", "Write nothing.")
            + [option("column", "Hidden.", isShown: false)]
    )

    @Test("flags are in groups, with their defaults; a negation is shown where it is of use; commands aren't broken")
    func page() {
        let text = HelpPage(of: Self.command, at: ["kbld", "pack"]).text(width: 46)
        #expect(
            text == """
                Pack things. It takes long.

                USAGE: kbld pack|p [<options>]

                DOCUMENTS
                  -f, --file <value>...  Documents. Or
                                         something more.

                OUTPUT
                  --dry-run              Write nothing
                  --[no-]resume          Go on (default: on)

                REGISTRIES
                  --retries <value>      Retries (default: 4)

                EXAMPLES
                  kbld pack -f a.yml --output a-name-that-is-much-longer-than-any-line-of-this-page.tar
                  kbld pack --help

                """
        )
    }

    @Test("a page that would be long has no blank lines, then no words on flags of registries")
    func density() {
        func lines(_ count: Int) -> [Substring] {
            var command = Self.command
            command.arguments? += (0..<count).map { Self.option("registry-\($0)", "Number \($0).") }
            return HelpPage(of: command, at: ["kbld", "pack"]).text(width: 80).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
        }
        #expect(lines(4).count(where: \.isEmpty) == 6)
        let dense = lines(24)
        #expect(dense.count <= 41 && dense.count(where: \.isEmpty) == 2)
        #expect(dense.contains("  --registry-7 <value>   Number 7"))
        let brief = lines(40)
        #expect(brief.count < 30 && brief.contains("REGISTRIES (man kbld-pack says more)"))
        #expect(brief.contains { $0.contains("--registry-7 --registry-8") })
    }

    @Test("the program's page has all commands, and the names of its default's flags")
    func program() {
        let program = CommandDescription(
            commandName: "kbld",
            abstract: "Moves things.",
            discussion: "Example:\n  kbld -f a.yml",
            defaultSubcommand: "pack",
            subcommands: [Self.command, .init(commandName: "help"), .init(commandName: "gone", shouldDisplay: false)]
        )
        let text = HelpPage(of: program, at: ["kbld"]).text(width: 100)
        #expect(text.hasPrefix("Moves things.\n\nUSAGE: kbld [<options>]\n       kbld <command> [<options>]\n\n"))
        #expect(text.contains("\n  pack, p (default)  Pack things\n\n"))
        #expect(text.contains("(kbld pack --help says more)\n  --file --dry-run --[no-]resume --retries\n"))
        #expect(text.hasSuffix("\n\nEXAMPLES\n  kbld -f a.yml\n") && !text.contains("gone"))
    }
}
