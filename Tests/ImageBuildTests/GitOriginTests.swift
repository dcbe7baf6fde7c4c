import ContainerImage
import ImageBuild
import KbldConfiguration
import Testing

@Suite("What git knows of a source")
struct GitOriginTests {
    /// What git answers, by its subcommand; what isn't here fails.
    private static let clean = [
        "rev-parse --git-dir": ".git\n", "rev-parse HEAD": "1a2b3c\n", "ls-remote --get-url": "https://git.io/a/b\n",
        "status --short": "",
    ]

    private func origins(_ answers: [String: String]) async throws -> [Origin] {
        let programs = ScriptedPrograms { call in
            guard call.program == "git" else { return nil }
            guard let answer = answers[call.arguments.joined(separator: " ")] else {
                throw BuildError.failed(command: "git", status: "exit status 128", lastLines: [])
            }
            return ProgramOutput(standardOutput: answer)
        }
        return try await programs.build(.docker(ContainerfileOptions())).origins
    }

    @Test("A folder in no repository has the folder alone as its origin")
    func none() async throws {
        #expect(try await origins([:]) == [.local(path: "/")])
    }

    @Test(
        "The commit, its tags, the remote, and whether there are changes",
        arguments: [
            ([:], .git(remoteURL: "https://git.io/a/b", sha: "1a2b3c", dirty: false, tags: [])),
            (
                ["status --short": " M file\n"],
                .git(remoteURL: "https://git.io/a/b", sha: "1a2b3c", dirty: true, tags: [])
            ),
            (
                ["describe --tags --exact-match HEAD": "v1.2.3\n"],
                .git(remoteURL: "https://git.io/a/b", sha: "1a2b3c", dirty: false, tags: ["v1.2.3"])
            ),
            // Without a remote, git repeats the name of the one that it would have asked.
            (
                ["ls-remote --get-url": "origin\n"],
                .git(remoteURL: "<unknown>", sha: "1a2b3c", dirty: false, tags: [])
            ),
        ] as [([String: String], Origin)]
    )
    func commit(answers: [String: String], origin: Origin) async throws {
        let all = Self.clean.merging(answers) { $1 }
        #expect(try await origins(all) == [.local(path: "/"), origin])
    }

    @Test("A repository may have no commits, but one whose HEAD can't be read is an error")
    func head() async throws {
        var answers = Self.clean
        answers["rev-parse HEAD"] = nil
        answers["ls-remote --get-url"] = nil
        answers["rev-list -n 1 --all"] = "\n"
        let origin = Origin.git(remoteURL: "<unknown>", sha: "<no commits>", dirty: false, tags: [])
        #expect(try await origins(answers).last == origin)
        answers["rev-list -n 1 --all"] = "1a2b3c\n"
        let error = await #expect(throws: BuildError.self) { try await origins(answers) }
        #expect(error?.description.contains("has a git repository whose HEAD can't be read") == true)
    }

    @Test(
        "The remote's address is noted without user, password and query",
        arguments: [
            ("https://alice:s3cret@git.example.com/a/b", "https://_redacted_@git.example.com/a/b"),
            ("https://t0ken@git.example.com/a/b", "https://_redacted_@git.example.com/a/b"),
            ("ssh://alice:s3cret@git.example.com/a/b", "ssh://_redacted_@git.example.com/a/b"),
            ("git@git.example.com:a/b", "git@git.example.com:a/b"),
            ("https://git.example.com/a/b", "https://git.example.com/a/b"),
            ("https://git.example.com/@scope/b", "https://git.example.com/@scope/b"),
            ("https://git.example.com/a.git?access_token=t0ken", "https://git.example.com/a.git?_redacted_"),
            ("https://t0ken@git.example.com/a?x=t0ken", "https://_redacted_@git.example.com/a?_redacted_"),
            ("git@git.example.com:group@x/b", "git@git.example.com:group@x/b"),
            ("https://alice:p@ss@git.example.com/a", "https://_redacted_@git.example.com/a"),
            ("/srv/git/a?b", "/srv/git/a?b"),
        ]
    )
    func remote(address: String, noted: String) async throws {
        var answers = Self.clean
        answers["ls-remote --get-url"] = address + "\n"
        let origin = Origin.git(remoteURL: noted, sha: "1a2b3c", dirty: false, tags: [])
        #expect(try await origins(answers).last == origin)
    }
}
