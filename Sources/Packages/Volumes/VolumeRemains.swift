import ContainerImage
import ImageStore
import LibC
import LocalFiles
import NIOCore
import SystemPackage

/// What an earlier run left of the files that a package is cut into: as much of its beginning as is that of the package
/// that is written now.
struct VolumeRemains: Sendable {
    /// From where on the package is written.
    private(set) var start = ArchiveStart()
    /// The sums of what is there.
    private(set) var sums: VolumeSums

    private let layout: VolumeLayout
    private let files: [FilePath]
    private let available: Int64

    /// How many bytes are read at once.
    private static let pieceSize = 512 << 10

    /// Nothing.
    init(noneOf layout: VolumeLayout) {
        self.layout = layout
        sums = VolumeSums(layout)
        files = []
        available = 0
    }

    /// Looks for files that an earlier run wrote, and reads what they have of `plan`.
    ///
    /// - Parameter placed: Whether files that have their names may be such.
    /// - Throws: `ArchiveError` when they can't be read.
    init(of plan: ArchivePlan, in layout: VolumeLayout, orPlaced placed: Bool) async throws {
        self.layout = layout
        sums = VolumeSums(layout)
        var (files, available): ([FilePath], Int64) = ([], 0)
        for position in layout.positions {
            guard let (path, size) = Self.file(layout, position, orPlaced: placed) else { break }
            files.append(path)
            available += size
            guard size == layout.size(at: position) else { break }
        }
        (self.files, self.available) = (files, available)
        try await read(plan)
    }

    /// Where a file was left.
    func path(at position: Int) -> FilePath? { files.indices.contains(position) ? files[position] : nil }

    private static func file(_ layout: VolumeLayout, _ position: Int, orPlaced placed: Bool) -> (FilePath, Int64)? {
        let path = layout.path(at: position)
        let places = [try? AtomicFile.temporary(of: path), placed ? FilePath(path) : nil]
        for case let place? in places {
            var status = stat()
            guard place.withPlatformString({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG,
                status.st_uid == geteuid(), status.st_size > 0, Int64(status.st_size) <= layout.size(at: position)
            else { continue }
            return (place, Int64(status.st_size))
        }
        return nil
    }

    /// How many bytes from the beginning on there are for a later run, and the files that they are in; nil for none.
    static func kept(in layout: VolumeLayout) -> (count: Int64, places: String)? {
        var (paths, count): ([FilePath], Int64) = ([], 0)
        for position in layout.positions {
            guard let (path, size) = file(layout, position, orPlaced: true) else { break }
            paths.append(path)
            count += size
            guard size == layout.size(at: position) else { break }
        }
        guard let first = paths.first, let last = paths.last else { return nil }
        return (count, first == last ? "\(first)" : "\(first) to \(last)")
    }

    /// The signature of the package of which an earlier run left the first files; nil where there is none.
    ///
    /// - Parameters:
    ///   - size: How many bytes each file has.
    ///   - placed: Whether files that have their names may be such.
    static func signature(ofPackage path: String, inPartsOf size: Int64, orPlaced placed: Bool) -> [UInt8]? {
        // How many digits the names have depends on how many files there are.
        for count in [999, VolumeIndex.largestCount] {
            let (total, overflow) = size.multipliedReportingOverflow(by: Int64(count))
            guard !overflow, let layout = try? VolumeLayout(package: path, totalSize: total, partSize: size) else {
                continue
            }
            var (files, available): ([FilePath], Int64) = ([], 0)
            while files.count < count, let (path, found) = file(layout, files.count, orPlaced: placed) {
                files.append(path)
                available += found
                guard found == size, available < 2 * PackageSeal.sizeLimit else { break }
            }
            var reader = Reader(layout: layout, files: files)
            let signature = FirstEntries.signature { offset, count in
                offset + Int64(count) <= available ? try? reader.bytes(at: offset, count: count) : nil
            }
            if let signature { return signature }
        }
        return nil
    }

    private mutating func read(_ plan: ArchivePlan) async throws {
        var reader = Reader(layout: layout, files: files)
        guard try await take(plan.head, &reader) else { return }
        start.hasHead = true
        for entry in plan.entries {
            let before = sums
            guard try await take(entry.header, &reader) else { return }
            var verifier = BlobVerifier(entry.layer)
            let end = min(available, entry.dataOffset + entry.layer.size)
            while sums.count < end {
                try Task.checkCancellation()
                let piece = try reader.bytes(at: sums.count, count: Int(min(Int64(Self.pieceSize), end - sums.count)))
                try verifier.update(ByteBuffer(bytes: piece))
                piece.withUnsafeBytes { sums.update(all: $0) }
                await Task.yield()
            }
            if verifier.count == entry.layer.size, (try? verifier.finish()) != nil,
                try await take(entry.padding, &reader)
            {
                start.entry += 1
                continue
            }
            if verifier.count < entry.layer.size, entry.layer.size > ArchiveStreamWriter.largestAhead {
                start.beginning = verifier
            } else {
                sums = before
            }
            return
        }
    }

    /// Whether `expected` comes next; it counts as read then.
    private mutating func take(_ expected: [UInt8], _ reader: inout Reader) async throws -> Bool {
        guard available - sums.count >= Int64(expected.count) else { return false }
        guard try reader.bytes(at: sums.count, count: expected.count) == expected else { return false }
        expected.withUnsafeBytes { sums.update(all: $0) }
        return true
    }

    /// Reads the files one after the other.
    private struct Reader {
        let layout: VolumeLayout
        let files: [FilePath]
        private var current: (position: Int, handle: FileHandle)?

        init(layout: VolumeLayout, files: [FilePath]) {
            self.layout = layout
            self.files = files
        }

        mutating func bytes(at offset: Int64, count: Int) throws(ArchiveError) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count)
            while bytes.count < count {
                let place = offset + Int64(bytes.count)
                let position = layout.position(of: place)
                let start = place - layout.offset(at: position)
                let piece = Int(min(Int64(count - bytes.count), layout.size(at: position) - start))
                bytes += try read(position, at: start, count: piece)
            }
            return bytes
        }

        private mutating func read(_ position: Int, at offset: Int64, count: Int) throws(ArchiveError) -> [UInt8] {
            do {
                if current?.position != position {
                    let file = try FileDescriptor.open(files[position], .readOnly, options: [.closeOnExec, .noFollow])
                    current = (position, FileHandle(file))
                }
                guard let handle = current?.handle else { return [] }
                return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                    while filled < count {
                        let rest = UnsafeMutableRawBufferPointer(
                            rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]
                        )
                        let read = try handle.descriptor
                            .read(fromAbsoluteOffset: offset + Int64(filled), into: rest)
                        guard read > 0 else { throw Errno.ioError }
                        filled += read
                    }
                }
            } catch {
                throw .file(path: files[position].string, doing: "Reading what is left of package", reason: "\(error)")
            }
        }
    }
}
