import Foundation
import PackagePlugin

/// Writes the commit that is built into a source file, `let buildCommit = "…"`, whenever it has changed. Outside of a
/// repository it is empty.
@main
struct BuildCommit: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        let script = #"""
            cd "$1" && commit=$(git describe --always --abbrev=12 --dirty --exclude='*' 2>/dev/null)
            printf 'let buildCommit = "%s"\n' "$commit" > "$2/new"
            cmp -s "$2/new" "$2/Commit.swift" || cp "$2/new" "$2/Commit.swift"
            rm "$2/new"
            """#
        let folder = context.pluginWorkDirectoryURL
        return [
            .prebuildCommand(
                displayName: "Noting the commit",
                executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", script, "sh", context.package.directoryURL.path, folder.path],
                outputFilesDirectory: folder
            )
        ]
    }
}
