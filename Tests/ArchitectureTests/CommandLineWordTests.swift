import Testing

@Suite("Words of the command line")
struct CommandLineWordTests {
    /// Targets that know the command line.
    private static let program: Set<String> = ["CommandLineSyntax", "kbld"]

    /// Files whose flags are those of other programs, or variables of style sheets.
    private static let withOtherFlags = [
        "Sources/ImageBuild/Builders/": "docker, buildah, pack and others are run",
        "Sources/ImageBuild/GitOrigin.swift": "git is run",
        "Sources/KbldWorkflows/ChartRendering.swift": "helm is run",
        "Sources/KbldWorkflows/LoadWorkflow.swift": "programs that load packages are run",
        "Sources/KbldWorkflows/LoadWorkflow+Checks.swift": "programs that load packages are asked",
        "Sources/KbldWorkflows/SourceFiles/GitIgnoredFiles.swift": "git is run",
        "Sources/PackageReport/Page/ReportPage+Style.swift": "a style sheet",
        "Sources/Presentation/PageStyle.swift": "a style sheet",
        "Sources/SourceReferences/Reading/DockerfileReading.swift": "flags of a Dockerfile's instructions",
        "Sources/RegistryServer/Pages/FrontPage": "a style sheet, and how skopeo and others pull an image",
    ]

    /// The names of this program's commands.
    private static func commands() throws -> Set<String> {
        var names: Set<String> = []
        for file in try Project.files(in: "Sources/kbld") {
            let text = file.lines.joined(separator: "\n")
            names.formUnion(text.matches(of: /commandName: "([\w-]+)"/).map { String($0.1) })
            for list in text.matches(of: /aliases: \[([^\]]*)\]/) {
                names.formUnion(list.1.matches(of: /[\w-]+/).map { String($0.0) })
            }
        }
        return names.subtracting(["kbld"])
    }

    /// What of the command line stands in `line`, nil where there is nothing.
    private static func word(in line: Substring, _ commands: Set<String>, takesFlags: Bool) -> String? {
        if line.contains("KBLD_") { return "a variable's name" }
        if line.contains("kbld -") { return "a flag" }
        // Most lines have none of these, and expressions take their time.
        if line.contains("`-"), line.contains(/`-\w`/) { return "a flag" }
        if !takesFlags, line.contains("--"), line.contains(/(^|[^\w\-])--[a-z]/) { return "a flag" }
        guard line.contains("kbld ") else { return nil }
        let named = line.matches(of: /\bkbld ([\w-]+)/).first { commands.contains(String($0.1)) }
        return named.map { "the command '\($0.1)'" }
    }

    @Test("Libraries know no flag, no command and none of the program's variables")
    func libraries() throws {
        let commands = try Self.commands()
        #expect(commands.isSuperset(of: ["resolve", "package", "pkg", "verify"]))
        for file in try Project.files(in: "Sources") where !Self.program.contains(file.target) {
            let takesFlags = Self.withOtherFlags.keys.contains { file.path.hasPrefix($0) }
            for (number, line) in file.lines.enumerated() {
                guard let word = Self.word(in: line, commands, takesFlags: takesFlags) else { continue }
                Issue.record("\(file.path):\(number + 1): \(word) stands here; errors have hints for that: \(line)")
            }
        }
    }

    @Test(
        "What belongs to the command line is found",
        arguments: [
            #"text += "add --registry-insecure""#, #""--platform""#, "with 'kbld package merge'", "as kbld -f does",
            "/// The files behind `-f`.", #"let name = "KBLD_REGISTRY""#,
        ]
    )
    func found(line: String) {
        #expect(Self.word(in: line[...], ["package"], takesFlags: false) != nil)
    }

    @Test(
        "Formats, names and other uses of dashes aren't the command line",
        arguments: [
            #"static let entryName = "kbld-notes.json""#, "/// What kbld noted.", "a -- b", "kbld packages",
            "kbld.k14s.io/images",
        ]
    )
    func passed(line: String) {
        #expect(Self.word(in: line[...], ["package"], takesFlags: false) == nil)
    }
}
