public import ContainerImage
public import ImageStore

/// A layer whose files can't be read.
public struct ImageFilesError: ContentError, Sendable, CustomStringConvertible {
    /// The image.
    public let name: String
    /// The layer.
    public let layer: Digest
    /// What is wrong with it.
    public let reason: String

    init(name: String, layer: Digest, reason: String) {
        self.name = name
        self.layer = layer
        self.reason = reason
    }

    init(name: String, layer: Digest, _ fault: LayerFault) {
        let entry = fault.entry.map { "entry '\($0)': " } ?? ""
        self.init(name: name, layer: layer, reason: entry + fault.reason)
    }

    /// What is wrong, with the image and the layer.
    public var description: String { "Reading files of \(name), layer \(layer): \(reason)" }
}

/// A path at which an image has no such file.
public struct FilePathError: HintedError, Sendable, Equatable {
    /// Why there is none.
    public enum Reason: Sendable, Equatable {
        /// There is nothing.
        case missing
        /// There is a folder.
        case folder
        /// There is a device, a pipe; or a file, where a folder is wanted.
        case noFile
    }

    /// The image.
    public let name: String
    /// The path.
    public let path: String
    /// Why there is no file.
    public let reason: Reason

    /// What is wrong, with the image and the path.
    public var message: HintedText {
        switch reason {
        case .missing: "\(name) has no '\(path)'"
        case .folder: "'\(path)' in \(name) is a folder\(hint: .listFolder, after: "; ")"
        case .noFile: "'\(path)' in \(name) is not a regular file"
        }
    }
}
