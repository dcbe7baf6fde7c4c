import ArgumentParser
import KbldWorkflows
import Packages

/// Whether a package gets a file with its checksum.
struct ChecksumFlags: ParsableArguments {
    @Flag(
        name: .customLong("sha256-file"),
        inversion: .prefixedNo,
        help: "Write the tarball's SHA-256 to a file beside it, with .sha256 behind its name, for sha256sum -c."
    )
    var isWanted = false

    /// The checksum of what will be at `output`, nil if none is wanted.
    ///
    /// - Throws: `TextFileError` when the file can't be written; `PackageChecksumError` for what is no file.
    func checksum(of output: String?) throws -> PackageChecksum? {
        guard isWanted, let output else { return nil }
        return try PackageChecksum(of: output)
    }
}
