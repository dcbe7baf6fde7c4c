import KbldConfiguration

/// What git knows of a source's folder.
enum GitOrigin {
    /// The origin; nil when the folder is in no repository, or git isn't installed.
    ///
    /// - Throws: `BuildError` when git fails on a repository.
    static func read(_ folder: String, by process: BuildProcess) async throws -> Origin? {
        func git(_ arguments: String...) async throws -> String {
            let output = try await process.run("git", arguments, in: folder, isSilent: true)
            return output.standardOutput.trimmed
        }
        do {
            _ = try await git("rev-parse", "--git-dir")
        } catch is BuildError {
            return nil
        }
        var sha = "<no commits>"
        var tags: [String] = []
        do {
            sha = try await git("rev-parse", "HEAD")
        } catch is BuildError {
            guard try await git("rev-list", "-n", "1", "--all").isEmpty else {
                throw BuildError.badFolder(path: folder, reason: "has a git repository whose HEAD can't be read")
            }
        }
        do {
            tags = try await git("describe", "--tags", "--exact-match", "HEAD").split(separator: "\n").map(String.init)
        } catch is BuildError {}
        var remote = "<unknown>"
        do {
            remote = redacted(try await git("ls-remote", "--get-url"))
            // Without a remote, git repeats the name of the one that it would have asked.
            if remote == "origin" { remote = "<unknown>" }
        } catch is BuildError {}
        let isDirty = try await !git("status", "--short").isEmpty
        return .git(remoteURL: remote, sha: sha, dirty: isDirty, tags: tags)
    }

    /// The address without user name and password; `git@` stays, which is everyone's.
    static func redacted(_ address: String) -> String {
        // A query may hold a token.
        if let query = address.firstIndex(of: "?"), address.contains("://") {
            return redacted(String(address[..<query])) + "?_redacted_"
        }
        let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
        let host = address[start...].prefix { $0 != "/" }
        guard !address.hasPrefix("git@"), let at = host.lastIndex(of: "@") else { return address }
        return address[..<start] + "_redacted_" + address[at...]
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
