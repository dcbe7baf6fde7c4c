import ArgumentParser

/// Where a registry keeps what is pushed.
struct StorageFlags: ParsableArguments {
    @Option(
        name: .customLong("storage"),
        help: ArgumentHelp("Take pushes, and store them in this folder.", valueName: "folder")
    )
    var folder: String?

    /// What ``folder`` was called for `serve` alone.
    @Option(help: .hidden)
    var writable: String?

    func validate() throws {
        guard folder == nil || writable == nil else {
            throw ValidationError("--writable is another name of --storage; give --storage alone")
        }
    }

    /// What the flags mean.
    var path: String? { folder ?? writable }
}
