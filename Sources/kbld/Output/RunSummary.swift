import ContainerImage
import ImageStore
import KubernetesYAML
import LibC
import Presentation

/// What a run has done, for the end of its log.
struct RunSummary {
    private let start = ContinuousClock.now
    /// The command, as log lines name it.
    let command: String
    /// What moving blobs is called when it is done: `downloaded`.
    let moved: String

    /// The size of a file; nil for a folder.
    private static func size(of path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// Writes the line. A run that logs nothing counts nothing, and writes none.
    ///
    /// - Parameter file: What was written, if anything was.
    func write(_ outcome: TransferProgress.Outcome?, file: String? = nil) {
        guard let outcome else { return }
        let duration = start.duration(to: .now)
        let size = file.flatMap(Self.size)
        var text = "\(Count.text(outcome.images, "image")), \(Count.text(outcome.layers, "layer")): "
        text += "\(ByteCount(outcome.bytesMoved)) \(moved)"
        if outcome.bytesPresent > 0 { text += ", \(ByteCount(outcome.bytesPresent)) were there already" }
        text += "; took \(TimeText.text(duration))"
        if let file { text = "wrote \(file)" + (size.map { ", \(ByteCount($0))" } ?? "") + ": " + text }
        let milliseconds = Int64(max(0, min(duration / .milliseconds(1), 1e15)))
        var fields: [String: YAMLValue] = [
            "images": .integer("\(outcome.images)"), "layers": .integer("\(outcome.layers)"),
            "bytes_moved": .integer("\(outcome.bytesMoved)"), "bytes_present": .integer("\(outcome.bytesPresent)"),
            "milliseconds": .integer("\(milliseconds)"),
        ]
        if let file { fields["file"] = .string(file) }
        if let size { fields["file_bytes"] = .integer("\(size)") }
        StandardError.shared.notice("summary", under: command, text, fields)
    }
}
