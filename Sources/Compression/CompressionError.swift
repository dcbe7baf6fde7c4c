/// Why compressed bytes can't be decompressed.
public enum CompressionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// They end within a member or frame.
    case truncated(CompressionFormat)
    /// They aren't what the format asks for, or a checksum in them is wrong.
    case damaged(CompressionFormat, String)
    /// Something follows that isn't compressed.
    case trailingBytes(CompressionFormat)
    /// A frame that can only be decompressed with more memory than is given to it.
    case largeWindow(limit: Int)
    /// They come to more than anything that is meant to be read.
    case expanding(ratio: Int64, bytes: Int64)
    /// The first `count` of them come to more than what is meant to be read; how many follow isn't known.
    case expandingEarly(count: Int64, ratio: Int64, bytes: Int64)
    /// The system gives no memory.
    case outOfMemory

    /// What is wrong, in words.
    public var description: String {
        switch self {
        case .truncated(let format): "its \(format.rawValue) data ends too early: it is truncated"
        case .damaged(let format, let detail): "its \(format.rawValue) data is damaged (\(detail))"
        case .trailingBytes(let format): "there are bytes after the end of its \(format.rawValue) data"
        case .largeWindow(let limit):
            "its zstd data needs a window of more than \(limit >> 20) MiB; decompress it first, with as large a window"
        case .expanding(let ratio, let bytes):
            "it comes to more than \(bytes) bytes, over \(ratio) times its compressed size; if that is meant, decompress "
                + "it first"
        case .expandingEarly(let count, let ratio, let bytes):
            "its first \(count) bytes come to more than \(bytes), over \(ratio) times their size; if that is meant, "
                + "decompress it first, or read it from a file, which is measured as a whole"
        case .outOfMemory: "there is not enough memory to decompress it"
        }
    }
}
