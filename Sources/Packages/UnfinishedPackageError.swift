public import ContainerImage
import ImageStore

/// A package that isn't whole, and of which the next run of the same keeps what has come.
public struct UnfinishedPackageError: MultilineError, Sendable {
    /// What happened.
    public let cause: any Error
    /// Where the bytes are: a temporary, or a folder.
    public let place: String
    /// How many bytes of layers there are.
    public let keptBytes: Int64
    /// How many bytes the layers have in all.
    public let totalBytes: Int64

    /// Creates a record of what is kept after `cause`.
    package init(cause: any Error, place: String, keptBytes: Int64, totalBytes: Int64) {
        self.cause = cause
        self.place = place
        self.keptBytes = keptBytes
        self.totalBytes = totalBytes
    }

    /// What is kept and how to go on from there, in one line.
    public var advice: String {
        "\(ByteCount(keptBytes)) of \(ByteCount(totalBytes)) are kept in \(place); run it again to continue"
    }

    /// What happened, and what is kept.
    public var lines: [HintedText] { [HintedText](describing: cause) + [HintedText(advice)] }

    /// Whether the same run may succeed later: not where this side's disk is the matter, or the content itself.
    package static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as LayerError: mayPass(error.cause)
        case is ArchiveError: false
        // A connection that broke off looks like this.
        case BlobError.tooShort: true
        case is any ContentError: false
        case let error as any PassingError: error.mayPass
        default: true
        }
    }
}
