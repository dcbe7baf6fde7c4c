import FoundationEssentials
import Testing

extension Lab {
    /// Runs podman, which must succeed, with its images in the lab's folder.
    @discardableResult
    func podman(_ arguments: String..., environment: [String: String] = [:]) async throws -> String {
        // podman takes no more than 50 characters for this one.
        let runRoot = "/tmp/run-" + folder.suffix(8)
        defer { try? FileManager.default.removeItem(atPath: runRoot) }
        let storage = ["--root", folder + "/podman", "--runroot", runRoot, "--storage-driver", "vfs"]
        let outcome = try await run("podman", storage + arguments, environment: environment)
        try #require(outcome.status == 0, "podman \(arguments): \(outcome.log)")
        return outcome.output
    }
}
