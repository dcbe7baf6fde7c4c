/// What is wrong with a file of mirrors.
public struct MirrorFileError: Error, Sendable, CustomStringConvertible {
    /// The file; empty while it isn't known.
    public var path = ""
    /// The line, from 1 on; nil where no single one is meant.
    public let line: Int?
    /// What is wrong.
    public let reason: String

    init(_ reason: String, line: Int? = nil, path: String = "") {
        (self.reason, self.line, self.path) = (reason, line, path)
    }

    /// The file, the line and the reason.
    public var description: String { "Reading '\(path)'\(line.map { ", line \($0)" } ?? ""): \(reason)" }
}
