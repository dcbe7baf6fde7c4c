import ArgumentParser
import ContainerImage
import FoundationEssentials
import KbldWorkflows
import Packages

/// Whether a package is cut into several files.
struct SplitFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Cut the package into files of at most this: 4GB.",
            discussion: "They are FILE.001, FILE.002, …, with FILE.SHA256SUMS and FILE.volumes.json, which is read "
                + "in place of the package.",
            valueName: "size"
        )
    )
    var split: String?

    @Option(
        help: ArgumentHelp(
            "Packages of their own of at most this: 4GB.",
            discussion: "Each has all manifests and a share of the layers: FILE-1of5.tar, … They are unpackaged in any "
                + "order.",
            valueName: "size"
        )
    )
    var volumes: String?

    @Option(
        name: .customLong("output-volume-command"),
        help: ArgumentHelp(
            "With --split: hand each file to a command.",
            discussion:
                "The shell runs it when the file is whole: KBLD_PATH is the file, KBLD_VOLUME its number. It may "
                + "remove the file, so there need be room for one only.",
            valueName: "command"
        )
    )
    var command: String?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "With --split: files get their names when whole.",
            discussion: "Without, nothing is renamed, for media that are written once."
        )
    )
    var rename = true

    private static let variables = VolumeCommand.Variables(number: "KBLD_VOLUME", path: "KBLD_PATH")

    func validate() throws {
        guard split == nil || volumes == nil else {
            throw ValidationError("--split and --volumes are mutually exclusive")
        }
        _ = try volumeSize()
        guard try size() == nil else { return }
        guard command == nil else { throw ValidationError("--output-volume-command requires --split") }
        guard rename else { throw ValidationError("--no-rename requires --split") }
    }

    private func size() throws -> Int64? {
        guard let split else { return nil }
        guard let size = ByteCount(split)?.bytes, size >= VolumeOptions.smallestSize else {
            throw ValidationError("--split must be a size of at least 1MiB, such as 4GB, 4GiB or 650MB")
        }
        return size
    }

    /// The most bytes of a volume; nil for one package.
    func volumeSize() throws -> Int64? {
        guard let volumes else { return nil }
        guard let size = ByteCount(volumes)?.bytes, size > 0 else {
            throw ValidationError("--volumes must be a size, such as 4GB, 4GiB or 650MB")
        }
        return size
    }

    /// The index of the files that the package `output` is cut into; nil for one file.
    func index(of output: String?) -> String? { split == nil ? nil : output.map { $0 + VolumeIndex.suffix } }

    /// What was written of the package `output`.
    func summary(of output: String) throws -> String {
        let index = try VolumeIndex(path: output + VolumeIndex.suffix)
        let (first, last) = (index.parts.first?.name ?? "", index.parts.last?.name ?? "")
        return "wrote \(output + VolumeIndex.suffix), which lists "
            + "\(Count.text(index.parts.count, "file")), \(first)\(first == last ? "" : " to \(last)")"
    }

    /// What the flags mean; nil for one file.
    ///
    /// - Parameter log: Gets what the command prints.
    func options(log: @escaping LogSink) throws -> VolumeOptions? {
        guard let size = try size() else { return nil }
        var options = VolumeOptions(size: size)
        options.renames = rename
        if let command {
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let call = VolumeCommand(command, variables: Self.variables, searchPath: path, log: log)
            options.handOver = { try await call.run($0, $1) }
        }
        return options
    }
}
