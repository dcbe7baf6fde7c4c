import ContainerImage
import LocalFiles
import SystemPackage

/// A package in a file that gets a signature, or another one: nothing else of it changes.
public struct SignedArchive: Sendable {
    private let path: String
    private let file: RandomAccessFile
    /// Where the signature's entry begins.
    private let start: Int64
    /// Where what follows it begins.
    private let rest: Int64

    /// Opens the package at `path`.
    ///
    /// - Throws: `ArchiveError` where its entries aren't in the order that they are written in.
    public init(path: String) throws(ArchiveError) {
        self.path = path
        file = try RandomAccessFile(path: path)
        let contents = try TarIndex.contents(of: file)
        guard let manifest = contents.files["manifest.json"] else {
            throw .missingEntry(path: path, name: "manifest.json")
        }
        func end(of entry: TarContents.Entry) -> Int64 {
            entry.offset + entry.size + Int64(TarHeader.padding(after: entry.size))
        }
        let others = contents.files.filter { $0.key != "manifest.json" && $0.key != PackageSeal.entryName }
        start = end(of: manifest)
        guard others.values.allSatisfy({ $0.offset > manifest.offset }) else {
            throw .damaged(path: path, entry: "manifest.json", reason: "it is not the first entry")
        }
        if let signature = contents.files[PackageSeal.entryName] {
            rest = end(of: signature)
            guard signature.offset > manifest.offset, others.values.allSatisfy({ $0.offset > signature.offset }) else {
                throw .damaged(path: path, entry: PackageSeal.entryName, reason: "it does not follow manifest.json")
            }
        } else {
            rest = start
        }
    }

    /// Writes the package with `signature`, and puts it in the place of the old one when it is whole.
    ///
    /// - Throws: `ArchiveError` naming the file.
    public func write(signature: [UInt8]) throws {
        let output: AtomicFile
        do {
            output = try AtomicFile(path: path, start: .anew, permissions: FilePermissions(rawValue: 0o600))
        } catch {
            throw ArchiveError.file(path: path, doing: "Signing package", reason: error.reason)
        }
        do {
            try copy(0..<start, to: output.descriptor)
            try output.descriptor.writeAll(ArchivePlan.entry(named: PackageSeal.entryName, signature))
            try copy(rest..<file.size, to: output.descriptor)
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

    private func copy(_ range: Range<Int64>, to output: FileDescriptor) throws {
        var position = range.lowerBound
        while position < range.upperBound {
            try Task.checkCancellation()
            let count = min(range.upperBound - position, 1 << 20)
            try output.writeAll(try file.bytes(at: position, count: Int(count), entry: nil))
            position += count
        }
    }
}
