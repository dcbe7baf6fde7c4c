import ContainerImage
import SystemPackage

/// A text with one image reference a line. `#` and what follows it is a comment.
public enum ImageList {
    /// How long the file may be, in bytes.
    private static let sizeLimit = 16 << 20

    /// Reads the file, or a pipe; `-` is standard input.
    ///
    /// - Throws: `ImageListError` naming the file and the line.
    public static func read(_ path: String) throws(ImageListError) -> [String] {
        let bytes: [UInt8]
        do {
            bytes =
                path == "-"
                ? try SmallFile.bytes(of: .standardInput, limit: sizeLimit)
                : try SmallFile.bytes(of: path, limit: sizeLimit)
        } catch {
            throw ImageListError(path: path, line: nil, reason: error.reason)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ImageListError(path: path, line: nil, reason: "it must be text in UTF-8, one image a line")
        }
        var references: [String] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0.isWhitespace }
            guard let word = words.first else { continue }
            let place = number + 1
            guard words.count == 1 else {
                throw ImageListError(path: path, line: place, reason: "there must be one image a line")
            }
            do {
                _ = try ImageReference(String(word))
            } catch {
                throw ImageListError(path: path, line: place, reason: "\(error)")
            }
            references.append(String(word))
        }
        guard !references.isEmpty else { throw ImageListError(path: path, line: nil, reason: "it names no image") }
        return references
    }
}

/// An unusable list of images.
public struct ImageListError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The line, counted from 1; nil where it is the whole file.
    public let line: Int?
    /// What is wrong there.
    public let reason: String

    /// What is wrong, with the file and the line.
    public var description: String {
        "Reading list of images '\(path)'\(line.map { ", line \($0)" } ?? ""): \(reason)"
    }
}
