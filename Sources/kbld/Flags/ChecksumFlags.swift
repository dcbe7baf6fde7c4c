import ArgumentParser
import KbldWorkflows
import Packages

/// Whether a package gets a file with its checksum.
struct ChecksumFlags: ParsableArguments {
    @Flag(
        name: .customLong("sha256-file"),
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Also write FILE.sha256, for sha256sum -c.",
            discussion: "It has the SHA-256 of the finished tarball and is written after it."
        )
    )
    var isWanted = false

    /// Where the checksum of what will be at `output` goes, if it is wanted.
    func path(for output: String?) -> String? { isWanted ? output.map { $0 + ".sha256" } : nil }

    /// The checksum of what will be at `output`, nil if none is wanted.
    ///
    /// - Throws: `TextFileError` when the file can't be written; `PackageChecksumError` for what is no file.
    func checksum(of output: String?) throws -> PackageChecksum? {
        guard isWanted, let output else { return nil }
        return try PackageChecksum(of: output)
    }
}
