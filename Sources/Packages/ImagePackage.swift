public import ContainerImage
public import ImageStore
import NIOCore

/// Images in a file or folder, in any format.
///
/// A value of this type was opened: its manifests and configs are verified, and the layers are there with their sizes.
/// The layers' bytes are verified by ``check(of:)`` and ``verify(_:)``.
public protocol ImagePackage: ImageSource {
    /// Where it is.
    var path: String { get }
    /// What kind of package it is.
    var format: PackageFormat { get }
    /// The images and indexes in it.
    var trees: [ImageTree] { get }
    /// The names that the package records in addition to the trees', and what each named: by tag, or of an origin.
    var names: [ImageReference: Digest] { get }
    /// The package's metadata.
    var metadata: PackageMetadata { get }
    /// Where a layer lies in a file; nil if it isn't in one.
    func place(of layer: Descriptor) async throws -> FileSlice?
    /// What a layer is called in the package.
    func entryName(of layer: Descriptor) -> String
    /// Which file has a layer.
    func path(of layer: Descriptor) -> String
}

extension ImagePackage {
    /// The package's path.
    public var name: String { path }

    /// None, where a format has none.
    public var names: [ImageReference: Digest] { [:] }

    /// Unknown, where a package doesn't tell.
    public func place(of layer: Descriptor) -> FileSlice? { nil }

    /// The package's path, where it is one file.
    public func path(of layer: Descriptor) -> String { path }

    /// Nothing, where a format has no metadata.
    public var metadata: PackageMetadata { PackageMetadata() }

    /// The layers that are in it: of a delta, without those that it leaves out.
    public var heldLayers: Set<Descriptor> {
        let omitted = metadata.omittedDigests
        return Set(trees.flatMap(\.images).flatMap(\.packagedLayers)).filter { !omitted.contains($0.digest) }
    }

    /// Prepares the verification of a layer. Whatever is written to its file from now on shows when its bytes are read.
    ///
    /// - Throws: `ArchiveError` when there is no such layer.
    public func check(of layer: Descriptor) async throws -> BlobCheck {
        let place = try await place(of: layer)
        let source: any ImageSource =
            if let place { VerifiedLayer(of: self, in: try place.file.state(of: place.range)) } else { self }
        return BlobCheck(of: source) { item, passed in
            let body = if let place { place.content(from: 0) } else { try await content(of: layer, from: 0) }
            do {
                for try await piece in body.verified(as: layer, counting: item) {
                    try Task.checkCancellation()
                    passed(piece.readableBytes)
                    // Others need the thread, too: those that send what has been hashed.
                    await Task.yield()
                }
            } catch let error as BlobError {
                if let place, let error = try place.file.partError(in: place.range) { throw error }
                throw ArchiveError.damaged(path: path(of: layer), entry: entryName(of: layer), reason: "\(error)")
            }
        }
    }

    /// Reads a layer to its end and compares its digest.
    ///
    /// - Throws: `ArchiveError.damaged` when the bytes aren't the layer's.
    public func verify(_ layer: Descriptor) async throws {
        try await check(of: layer).verify()
    }
}

/// The formats of packages.
public enum PackageFormat: String, Sendable, CaseIterable, CustomStringConvertible {
    /// A tarball as kbld writes it.
    case kbld
    /// A tarball as imgpkg writes it.
    case imgpkg
    /// An OCI image layout in a tarball.
    case ociArchive = "oci-archive"
    /// An OCI image layout in a folder.
    case ociLayout = "oci"
    /// A tarball as `docker save` writes it.
    case dockerArchive = "docker-archive"

    /// The name that containers' tools have for it.
    public var description: String { rawValue }
}
