import FoundationEssentials
import LocalFiles
import Packages

/// What has been installed, by the packages' names.
struct PackageState: Codable {
    struct Entry: Codable {
        var sequence: Int64
        var manifest: String
    }

    var packages: [String: Entry]

    private static let sizeLimit = 16 << 20

    /// Reads the file at `path`; nothing was installed where there is none yet.
    init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            packages = [:]
            return
        }
        do {
            let bytes = try SmallFile.bytes(of: path, limit: Self.sizeLimit)
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            let reason = (error as? SmallFileError)?.reason ?? "it is not JSON of installed packages"
            throw PackageStateError(path: path, reason: reason)
        }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try TextFile.write(String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", to: path)
    }
}

/// A state that can't be read. It isn't begun anew: that would let older packages through.
struct PackageStateError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "Reading the state '\(path)': \(reason)" }
}
