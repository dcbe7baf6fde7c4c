import ContainerImage
import LocalFiles
import NIOCore
import NIOPosix
import SystemPackage

/// The files that a package is cut into, as they are written one after the other.
struct VolumeOutput: SequentialOutput {
    private let layout: VolumeLayout
    private let options: VolumeOptions
    /// The sums of what is written.
    private(set) var sums: VolumeSums
    private var current: PartFile?
    /// Those that are whole and don't have their names.
    private var sealed: [SealedFile] = []
    private var wasKept: [FilePath?]

    /// Goes on from what an earlier run left.
    init(_ layout: VolumeLayout, _ options: VolumeOptions, after remains: VolumeRemains) throws(ArchiveError) {
        self.layout = layout
        self.options = options
        sums = remains.sums
        wasKept = layout.positions.map { remains.path(at: $0) }
        for position in sums.parts.indices where wasKept[position] != FilePath(layout.path(at: position)) {
            do { sealed.append(try SealedFile(path: layout.path(at: position))) } catch {
                throw .file(path: error.path, doing: "Writing package", reason: error.reason)
            }
        }
    }

    /// Whether all files have their names as soon as they are whole.
    private var placesAtOnce: Bool { !options.renames || options.handOver != nil }

    /// Writes `bytes`: to one file, or to its end and the next.
    mutating func write(_ bytes: ByteBuffer) async throws {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            let count = Int(min(Int64(bytes.readableBytes), sums.rest))
            guard count > 0, let piece = bytes.readSlice(length: count) else { return }
            let offset = sums.count - layout.offset(at: sums.parts.count)
            let file = try openPart()
            try piece.withUnsafeReadableBytes { bytes throws in
                try file.write(bytes, at: offset)
                sums.update(bytes)
            }
            if offset + Int64(count) == file.size { try await finish(file) }
        }
    }

    /// Nothing is kept back.
    mutating func flush() async throws {}

    private mutating func openPart() throws -> PartFile {
        if let current { return current }
        let position = sums.parts.count
        let file = try PartFile(
            path: layout.path(at: position),
            size: layout.size(at: position),
            keeping: sums.count - layout.offset(at: position),
            from: wasKept[position],
            renames: options.renames
        )
        current = file
        return file
    }

    private mutating func finish(_ file: PartFile) async throws {
        current = nil
        let whole = try await NIOThreadPool.singleton.runIfActive { try file.seal() }
        if let whole { sealed.append(whole) }
        guard placesAtOnce else { return }
        try place()
        try await options.handOver?(sums.parts.count, file.path)
        try Task.checkCancellation()
    }

    /// Gives all files that are whole their names.
    mutating func place() throws {
        for file in sealed {
            do { try file.place() } catch {
                throw ArchiveError.file(path: error.path, doing: "Writing package", reason: error.reason)
            }
        }
        sealed = []
    }

    /// Removes what was written, but for what was handed over.
    mutating func discard() {
        current?.discard()
        for file in sealed { file.discard() }
        if placesAtOnce, options.handOver == nil {
            for part in sums.parts.indices { PartFile.remove(layout.path(at: part)) }
        }
        (current, sealed) = (nil, [])
    }

    /// Leaves what was written to a later run.
    mutating func keep() {
        current?.keep()
        for file in sealed { file.keep() }
        (current, sealed) = (nil, [])
    }
}
