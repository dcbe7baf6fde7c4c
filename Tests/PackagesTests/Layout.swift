import ContainerImage
import FoundationEssentials

/// An OCI image layout that is put together by hand, in a folder.
final class Layout {
    let path = FileManager.default.temporaryDirectory.appending(path: "layout-\(UUID())").path
    /// The entries of `index.json`, as JSON.
    var entries: [String] = []

    init() throws {
        try FileManager.default.createDirectory(atPath: path + "/blobs/sha256", withIntermediateDirectories: true)
        try write(#"{"imageLayoutVersion":"1.0.0"}"#, to: "oci-layout")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
    }

    func remove(_ text: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/blobs/sha256/\(Digest(of: Array(text.utf8)).hex)")
    }

    /// Writes a blob; gives its descriptor as JSON.
    @discardableResult
    func add(_ text: String, _ type: MediaType, _ more: String = "") throws -> String {
        try write(text, to: "blobs/sha256/\(Digest(of: Array(text.utf8)).hex)")
        return Self.descriptor(text, type, more)
    }

    static func descriptor(_ text: String, _ type: MediaType, _ more: String = "") -> String {
        #"{"mediaType":"\#(type)","digest":"\#(Digest(of: Array(text.utf8)))","size":\#(text.utf8.count)\#(more)}"#
    }

    /// Writes config and layer of an image; gives its manifest.
    func image(_ name: String) throws -> String {
        let config = try add(#"{"name":"\#(name)"}"#, MediaType("application/vnd.oci.image.config.v1+json"))
        let layer = try add("layer of \(name)", MediaType("application/vnd.oci.image.layer.v1.tar"))
        return #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":\#(config),"layers":[\#(layer)]}"#
    }

    static func index(_ entries: [String]) -> String {
        #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entries.joined(separator: ","))]}"#
    }

    /// What an entry says of its platform.
    static func platform(_ architecture: String) -> String {
        #","platform":{"os":"linux","architecture":"\#(architecture)"}"#
    }

    /// The name that an entry has.
    static func named(_ name: String, _ reference: String) -> String {
        #","annotations":{"io.containerd.image.name":"\#(name)","org.opencontainers.image.ref.name":"\#(reference)"}"#
    }

    func finish() throws { try write(Self.index(entries), to: "index.json") }
}
