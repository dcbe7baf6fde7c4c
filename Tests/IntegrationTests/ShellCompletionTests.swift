import FoundationEssentials
import Testing

/// Completions in real shells, on a terminal that tmux gives them: what Tab makes of a line.
@Suite("Completion in shells")
struct ShellCompletionTests {
    /// Lines that are typed, and how they look after Tab.
    private static let lines: [(typed: String, completed: String)] = [
        // Files and folders.
        ("kbld -f res", "kbld -f resolved.yml"), ("kbld resolve -f res", "kbld resolve -f resolved.yml"),
        ("kbld pkg -f res", "kbld pkg -f resolved.yml"), ("kbld --file=res", "kbld --file=resolved.yml"),
        ("kbld package create -f res", "kbld package create -f resolved.yml"),
        ("kbld unpkg -i im", "kbld unpkg -i images.tar"), ("kbld verify im", "kbld verify images.tar"),
        ("kbld package inspect im", "kbld package inspect images.tar"),
        ("kbld package diff images.tar res", "kbld package diff images.tar resolved.yml"),
        ("kbld pkg -f resolved.yml -o im", "kbld pkg -f resolved.yml -o images.tar"),
        (
            "kbld -f resolved.yml --registry-ca-cert-path res",
            "kbld -f resolved.yml --registry-ca-cert-path resolved.yml"
        ),
        ("kbld serve-registry --storage cha", "kbld serve-registry --storage charts/"),
        // Flags, those of default commands too.
        ("kbld --platf", "kbld --platform"), ("kbld pkg --outp", "kbld pkg --output"),
        ("kbld package --outp", "kbld package --output"),
        ("kbld verify images.tar --agai", "kbld verify images.tar --against"),
        ("kbld -f resolved.yml --no-buil", "kbld -f resolved.yml --no-build"),
        // Commands, and short names.
        ("kbld reloc", "kbld relocate"), ("kbld unpk", "kbld unpkg"), ("kbld pkg insp", "kbld pkg inspect"),
        ("kbld help reloc", "kbld help relocate"), ("kbld -f resolved.yml inspe", "kbld -f resolved.yml inspect"),
        // Values.
        ("kbld unpkg --repository-layout mirror-", "kbld unpkg --repository-layout mirror-with-host"),
        ("kbld copy im", "kbld copy images.tar"), ("kbld copy images.tar cha", "kbld copy images.tar charts/"),
        ("kbld package diff --column befo", "kbld package diff --column before"),
        ("kbld inspect --column resou", "kbld inspect --column resource"),
        ("kbld unpkg --upload-chunk au", "kbld unpkg --upload-chunk auto"),
        ("kbld serve-registry --accept-sparse no", "kbld serve-registry --accept-sparse none"),
        ("kbld --log-format js", "kbld --log-format json"), ("kbld completion zs", "kbld completion zsh"),
    ]

    @Test("bash completes files, flags, commands and values", .needs(.tmux, .bash))
    func bash() async throws {
        try await complete("bash", "bash --norc --noprofile", "PS1='$ '")
    }

    @Test("zsh completes files, flags, commands and values", .needs(.tmux, .zsh))
    func zsh() async throws {
        try await complete("zsh", "zsh -f", "PS1='$ '; autoload -U compinit && compinit -u -D")
    }

    @Test("fish completes files, flags, commands and values", .needs(.tmux, .fish))
    func fish() async throws {
        try await complete(
            "fish",
            "fish --no-config",
            "set -g fish_autosuggestion_enabled 0; set -g fish_greeting; function fish_prompt; echo -n '$ '; end"
        )
    }

    private func complete(_ shell: String, _ start: String, _ setup: String) async throws {
        try await Lab.open { lab in
            for name in ["resolved.yml", "images.tar"] { try lab.write("", to: name) }
            for name in ["charts", "bin"] {
                let path = "\(lab.folder)/\(name)"
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
            try FileManager.default.createSymbolicLink(
                atPath: "\(lab.folder)/bin/kbld",
                withDestinationPath: Lab.program
            )
            let script = try await lab.kbld("completion", shell)
            try #require(script.status == 0, "\(script.log)")
            try lab.write(script.output, to: "script")
            let terminal = Terminal(lab: lab)
            do {
                try await terminal.start(start)
                try await terminal.type(setup + "; source ./script; clear\n")
                for line in Self.lines {
                    try await terminal.type("\u{15}\u{0C}")
                    try await terminal.wait(for: "$")
                    try await terminal.type(line.typed)
                    try await terminal.wait(for: "$ " + line.typed)
                    try await terminal.type("\t")
                    let isCompleted = try await terminal.wait(for: "$ " + line.completed)
                    let screen = try await terminal.screen()
                    #expect(isCompleted, "\(line.typed):\n\(screen)")
                }
            } catch {
                await terminal.end()
                throw error
            }
            await terminal.end()
        }
    }

    /// A shell on a terminal of its own.
    private struct Terminal {
        let lab: Lab
        private let name = "kbld-\(UUID())"

        @discardableResult
        private func tmux(_ arguments: String...) async throws -> Lab.Outcome {
            try await lab.run("tmux", ["-L", name, "-f", "/dev/null"] + arguments, environment: ["LC_ALL": "C.UTF-8"])
        }

        init(lab: Lab) { self.lab = lab }

        func start(_ command: String) async throws {
            let outcome = try await tmux("new-session", "-d", "-x", "150", "-y", "40", "-c", lab.folder, command)
            try #require(outcome.status == 0, "\(outcome.log)")
        }

        func type(_ text: String) async throws {
            if text == "\t" { try await tmux("send-keys", "Tab") } else { try await tmux("send-keys", "-l", text) }
        }

        func screen() async throws -> String { try await tmux("capture-pane", "-p").output }

        /// Whether the line of the prompt becomes `line` within ten seconds.
        @discardableResult
        func wait(for line: String) async throws -> Bool {
            let deadline = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < deadline {
                let lines = try await screen().split(separator: "\n")
                let prompt = lines.last { $0.hasPrefix("$") }.map { $0.reversed().drop { $0 == " " }.reversed() }
                if let prompt, String(prompt) == line { return true }
                try await Task.sleep(for: .milliseconds(20))
            }
            return false
        }

        func end() async { _ = try? await tmux("kill-server") }
    }
}
