package import KbldConfiguration
import KubernetesYAML

/// A JSON object from reference to reference: a CNAB relocation mapping.
package enum ImageMap {
    /// How long the file may be, in bytes.
    private static let sizeLimit = 256 << 20

    /// Reads the file, or a pipe, as overrides that are final. Of a reference that is given twice the last counts.
    ///
    /// - Throws: `ImageMapError` naming the file.
    package static func read(_ path: String) throws(ImageMapError) -> Configuration {
        let text = String(decoding: try bytes(of: path), as: UTF8.self)
        guard let value = JSONReader.value(of: text) else { throw malformed(path, "it is not valid JSON") }
        guard let map = value.mapValue else { throw malformed(path, "it holds \(words(for: value))") }
        var overrides: [ImageOverride] = []
        for (reference, image) in map {
            guard let image = image.stringValue else {
                throw malformed(path, "the value of '\(reference)' is \(words(for: image))")
            }
            overrides.append(ImageOverride(matcher: .image(reference), newImage: image, preresolved: true))
        }
        return Configuration(overrides: overrides)
    }

    private static func words(for value: YAMLValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .float: "a number"
        case .string: "a string"
        case .list: "a list"
        case .map: "an object"
        }
    }

    private static func malformed(_ path: String, _ what: String) -> ImageMapError {
        ImageMapError(
            path: path,
            reason: "\(what), but it must be a JSON object of strings: {\"nginx\": \"registry/nginx@sha256:…\"}"
        )
    }

    private static func bytes(of path: String) throws(ImageMapError) -> [UInt8] {
        do {
            return try SmallFile.bytes(of: path, limit: sizeLimit)
        } catch {
            throw ImageMapError(path: path, reason: error.reason)
        }
    }
}

/// An unusable image map.
package struct ImageMapError: Error, Sendable, CustomStringConvertible {
    /// The file.
    package let path: String
    /// What is wrong with it.
    package let reason: String

    /// What is wrong, with the file.
    package var description: String { "Reading image map '\(path)': \(reason)" }
}
