import FoundationEssentials
package import KbldConfiguration

/// A JSON object from reference to reference: a CNAB relocation mapping.
package enum ImageMap {
    /// Reads the file as overrides that are final.
    ///
    /// - Throws: `ImageMapError` naming the file.
    package static func read(_ path: String) throws(ImageMapError) -> Configuration {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ImageMapError(path: path, reason: "the file can't be read")
        }
        guard let map = try? JSONDecoder().decode([String: String].self, from: data) else {
            throw ImageMapError(path: path, reason: "it must be a JSON object of strings")
        }
        let overrides = map.sorted { $0.key < $1.key }.map {
            ImageOverride(matcher: .image($0.key), newImage: $0.value, preresolved: true)
        }
        return Configuration(overrides: overrides)
    }
}

/// An image map that can't be used.
package struct ImageMapError: Error, Sendable, CustomStringConvertible {
    /// The file.
    package let path: String
    /// What is wrong with it.
    package let reason: String

    /// What is wrong, with the file.
    package var description: String { "Reading image map '\(path)': \(reason)" }
}
