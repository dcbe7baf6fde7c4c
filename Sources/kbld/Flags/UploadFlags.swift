import ArgumentParser
import ContainerImage
import RegistryClient

/// How layers are uploaded.
struct UploadFlags: ParsableArguments {
    @Option(
        name: .customLong("upload-chunk"),
        help: ArgumentHelp(
            "auto, off, or a size: 16MiB.",
            discussion: "Layers are uploaded in chunks: auto does so only where a registry or proxy refuses a whole "
                + "one, a size for all larger ones.",
            valueName: "size"
        ),
        completion: .list(["auto", "off", "16MiB", "64MiB"])
    )
    var text = "auto"

    private static let sizes: ClosedRange<Int64> = (64 << 10)...(1 << 30)

    func validate() throws { _ = try chunking() }

    /// What the flag means.
    func chunking() throws -> UploadChunking {
        switch text {
        case "auto": return .automatic
        case "off": return .off
        default:
            guard let size = ByteCount(text)?.bytes, Self.sizes.contains(size) else {
                throw ValidationError("--upload-chunk must be auto, off, or a size from 64KiB to 1GiB, such as 16MiB")
            }
            return .size(size)
        }
    }
}
