import LibC
import Subprocess
import SystemPackage

/// What git ignores: git itself is asked.
enum GitIgnoredFiles {
    private static let outputLimit = 64 << 20

    /// Those of `paths`, files below `folder`, that git ignores; none where there is no repository, or no git.
    ///
    /// - Throws: `CancellationError`.
    static func among(
        _ paths: [FilePath],
        in folder: FilePath,
        variables: [String: String]
    ) async throws -> Set<FilePath> {
        guard !paths.isEmpty else { return [] }
        if let ignored = try await ask(paths, in: folder) { return ignored }
        // A folder with repositories in it: each is asked for itself.
        var ignored: Set<FilePath> = []
        for (folder, paths) in Dictionary(grouping: paths, by: { $0.removingLastComponent() }) {
            ignored.formUnion(try await ask(paths, in: folder) ?? [])
        }
        return ignored
    }

    /// What git says in `folder`; nil where it says nothing.
    private static func ask(_ paths: [FilePath], in folder: FilePath) async throws -> Set<FilePath>? {
        let start = folder.bytes
        let names = paths.map { path -> [UInt8] in
            guard !folder.isEmpty, path.bytes.starts(with: start) else { return path.bytes }
            return Array(path.bytes.dropFirst(start.count).drop { $0 == UInt8(ascii: "/") })
        }
        // A file: git may end without reading, and what is written to a pipe then fails.
        guard let input = Self.file(holding: names.flatMap { $0 + [0] }) else { return nil }
        defer { try? input.close() }
        do {
            let result = try await run(
                .name("git"),
                arguments: ["check-ignore", "-z", "--stdin"],
                workingDirectory: folder.isEmpty ? nil : folder,
                input: .fileDescriptor(input, closeAfterSpawningProcess: false),
                output: .bytes(limit: outputLimit),
                error: .discarded
            )
            try Task.checkCancellation()
            switch result.terminationStatus {
            case .exited(0), .exited(1): break
            default: return nil
            }
            let ignored = Set(result.standardOutput.split(separator: 0).map { Array($0) })
            return Set(zip(paths, names).filter { ignored.contains($1) }.map(\.0))
        } catch is SubprocessError {
            try Task.checkCancellation()
            return nil
        }
    }

    /// A file without a name that has these bytes, opened at its beginning; nil where none can be written.
    private static func file(holding bytes: [UInt8]) -> SystemPackage.FileDescriptor? {
        var path = Array("/tmp/kbld-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        unlink(path)
        let file = SystemPackage.FileDescriptor(rawValue: descriptor)
        do {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            return nil
        }
    }
}
