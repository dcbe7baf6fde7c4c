import ContainerImage
import ImageStore

/// A blob that is to be uploaded, from a source that can be read again.
struct UploadWork: Sendable {
    let blob: Descriptor
    let source: any ImageSource
    /// Counts the bytes on their way.
    let item: TransferProgress.Item?
    /// Notes how far the attempts got.
    let meter: UploadMeter
    /// Which attempt this is, from 1 on.
    let attempt: Int

    /// All bytes, as the body of one request.
    var body: RegistryRequest.Body { .blob(blob, source, counting: item) }
}
