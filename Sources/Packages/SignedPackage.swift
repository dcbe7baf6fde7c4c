import Compression
import ContainerImage
import LocalFiles
import SystemPackage

/// A package that gets a signature, or another one: nothing else of it changes.
public struct SignedPackage: Sendable {
    private enum Place: Sendable {
        /// A layout's folder.
        case folder
        /// A tarball: where the signature's entry begins, and where what follows it does.
        case tarball(RandomAccessFile, manifest: TarContents.Entry, start: Int64, rest: Int64)
    }

    private let path: String
    private let place: Place

    /// Opens the package at `path`.
    ///
    /// - Throws: `ArchiveError` where its entries aren't in the order that they are written in.
    public init(path: String) throws(ArchiveError) {
        self.path = path
        try Self.check(path)
        guard !FolderFiles.isFolder(path) else {
            place = .folder
            return
        }
        let file = try RandomAccessFile(path: path)
        let raw = try TarIndex.contents(of: file)
        let isLayout = try LayoutReader.recognizes(TarFiles(file, raw))
        let contents = isLayout ? raw.plainlyNamed : raw
        let name = isLayout ? PackageSeal.layoutManifest : PackageSeal.tarballManifest
        guard let manifest = contents.files[name] else { throw .missingEntry(path: path, name: name) }
        func end(of entry: TarContents.Entry) -> Int64 {
            entry.offset + entry.size + Int64(TarHeader.padding(after: entry.size))
        }
        let others = contents.files.filter { $0.key != name && $0.key != PackageSeal.entryName }.values
        // Streams are judged by their first entries. Layouts have any order.
        guard isLayout || others.allSatisfy({ $0.offset > manifest.offset }) else {
            throw .damaged(path: path, entry: name, reason: "it is not the first entry")
        }
        var rest = end(of: manifest)
        if let signature = contents.files[PackageSeal.entryName] {
            let followers = others.filter { $0.offset > manifest.offset }
            guard signature.offset > manifest.offset, followers.allSatisfy({ $0.offset > signature.offset }) else {
                throw .damaged(path: path, entry: PackageSeal.entryName, reason: "it does not follow \(name)")
            }
            rest = end(of: signature)
        }
        place = .tarball(file, manifest: manifest, start: end(of: manifest), rest: rest)
    }

    /// Refuses a file that is compressed, before it is decompressed for nothing, and a package in parts. What else is wrong
    /// shows when it is opened.
    ///
    /// - Throws: `ArchiveError.compressed`, `.file`.
    public static func check(_ path: String) throws(ArchiveError) {
        guard !path.hasSuffix(VolumeIndex.suffix) else {
            throw .file(
                path: path,
                doing: "Signing package",
                reason: "it is in parts; sign a package before it is cut, or beside it"
            )
        }
        guard PackageFile.compression(of: path) == nil else { throw compressed(path) }
    }

    private static func compressed(_ path: String) -> ArchiveError {
        .compressed(path: path, reason: "it is compressed; sign a package before it is compressed, or beside it")
    }

    /// Writes the package with `signature`, and puts it in the place of the old one when it is whole.
    ///
    /// - Parameter seal: What is signed, and the signature that there was: nothing is written where the package isn't so any more.
    /// - Throws: `ArchiveError` naming the file.
    public func write(signature: [UInt8], of seal: PackageSeal) throws {
        switch place {
        case .folder:
            // Who writes a layout has it too.
            let lock: FileLock
            do {
                lock = try FileLock(folder: path)
            } catch {
                throw ArchiveError.file(path: path, doing: "Signing package", reason: error.reason)
            }
            defer { withExtendedLifetime(lock) {} }
            try check(seal)
            try replace("\(path)/\(PackageSeal.entryName)", permissions: 0o644) { output in
                try output.writeAll(signature)
            }
        case .tarball(let file, let manifest, let start, let rest):
            guard manifest.size <= ArchiveReader.manifestLimit,
                Digest(of: try file.bytes(at: manifest.offset, count: Int(manifest.size), entry: seal.manifestName))
                    == seal.manifest
            else { throw changed }
            try replace(path, permissions: 0o600) { output in
                try copy(0..<start, of: file, to: output)
                try output.writeAll(ArchivePlan.entry(named: PackageSeal.entryName, signature))
                try copy(rest..<file.size, of: file, to: output)
            }
        }
    }

    private var changed: ArchiveError {
        .file(path: path, doing: "Signing package", reason: "it has changed meanwhile; look at it, and sign it again")
    }

    /// Makes sure that a folder's index and signature are those of `seal`.
    private func check(_ seal: PackageSeal) throws(ArchiveError) {
        let files = try FolderFiles(path: path)
        let index = try files.bytes(of: seal.manifestName, limit: LayoutReader.indexLimit)
        guard Digest(of: index) == seal.manifest else { throw changed }
        let isSigned = try files.place(of: PackageSeal.entryName) != nil
        let signature = isSigned ? try files.bytes(of: PackageSeal.entryName, limit: PackageSeal.sizeLimit) : nil
        guard signature == seal.signature else { throw changed }
    }

    private func replace(
        _ path: String,
        permissions: FilePermissions.RawValue,
        by write: (FileDescriptor) throws -> Void
    ) throws {
        let output: AtomicFile
        do {
            output = try AtomicFile(path: path, start: .anew, permissions: FilePermissions(rawValue: permissions))
        } catch {
            throw ArchiveError.file(path: path, doing: "Signing package", reason: error.reason)
        }
        do {
            try write(output.descriptor)
        } catch {
            output.discard()
            throw error as? ArchiveError
                ?? ArchiveError.file(path: path, doing: "Signing package", reason: "\(error)")
        }
        do {
            try output.commit()
        } catch {
            throw ArchiveError.file(path: path, doing: "Signing package", reason: error.reason)
        }
    }

    private func copy(_ range: Range<Int64>, of file: RandomAccessFile, to output: FileDescriptor) throws {
        var position = range.lowerBound
        while position < range.upperBound {
            try Task.checkCancellation()
            let count = min(range.upperBound - position, 1 << 20)
            try output.writeAll(try file.bytes(at: position, count: Int(count), entry: nil))
            position += count
        }
    }
}
