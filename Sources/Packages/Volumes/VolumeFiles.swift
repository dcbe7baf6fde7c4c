import LibC
import Synchronization
import SystemPackage

/// The parts of a package that was cut, read as if they were one file. No more of them are open than a process may have
/// open files.
final class VolumeFiles: Sendable {
    /// What the parts are.
    let index: VolumeIndex
    private let folder: FilePath
    private let open = Mutex<OpenParts>(OpenParts())

    /// How many parts are open at once.
    private static let openLimit = 64

    private struct OpenParts {
        var handles: [Int: FileHandle] = [:]
        /// In the order in which they were opened.
        var order: [Int] = []
    }

    /// Makes sure that all parts are there with their sizes.
    ///
    /// - Throws: `ArchiveError.badParts` with all that aren't.
    init(index: VolumeIndex, path: String) throws(ArchiveError) {
        self.index = index
        folder = FilePath(path).removingLastComponent()
        let problems = index.parts.compactMap { [folder] in PartProblem($0, in: folder, of: index) }
        guard problems.isEmpty else { throw .badParts(path: path, problems, of: index.parts.count) }
    }

    /// Where a part is.
    func path(of part: VolumeIndex.Part) -> FilePath { folder.appending(part.name) }

    /// What is wrong with the parts that have bytes of `range`, by their sums.
    ///
    /// - Throws: `ArchiveError` for a part that can't be read.
    func problems(in range: Range<Int64>) throws -> [PartProblem] {
        try index.parts[index.positions(of: range)].compactMap { part in
            PartProblem(part, ofSum: try PartProblem.sum(of: path(of: part), size: part.size), in: index)
        }
    }

    /// The open file of a part, opened if it isn't.
    ///
    /// - Throws: `Errno`.
    func handle(ofPartAt position: Int) throws -> FileHandle {
        try open.withLock { open in
            if let handle = open.handles[position] { return handle }
            let descriptor = try FileDescriptor.open(
                path(of: index.parts[position]),
                .readOnly,
                options: .closeOnExec
            )
            let handle = FileHandle(descriptor)
            // Whoever still reads from the one that goes keeps it open until then.
            if open.order.count >= Self.openLimit { open.handles[open.order.removeFirst()] = nil }
            open.handles[position] = handle
            open.order.append(position)
            return handle
        }
    }

    /// Reads from `offset` on, at most to the end of a part.
    ///
    /// - Returns: How many bytes; 0 where the part has become shorter.
    func read(fromAbsoluteOffset offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let positions = index.positions(of: offset..<(offset + 1))
        guard let position = positions.first else { return 0 }
        let part = index.parts[position]
        let count = Int(min(Int64(buffer.count), part.end - offset))
        return try handle(ofPartAt: position).descriptor
            .read(
                fromAbsoluteOffset: offset - part.offset,
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            )
    }
}
