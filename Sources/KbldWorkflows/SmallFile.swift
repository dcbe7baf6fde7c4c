import SystemPackage

/// A file that is read whole, or a pipe.
enum SmallFile {
    /// The bytes of the file at `path`, without a mark of the encoding, which says nothing in UTF-8.
    ///
    /// - Parameter limit: How long it may be, in bytes.
    /// - Throws: `SmallFileError` with the reason.
    static func bytes(of path: String, limit: Int) throws(SmallFileError) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            return try file.closeAfter { try bytes(of: file, limit: limit) }
        } catch {
            throw error as? SmallFileError ?? SmallFileError(reason: "\(error)")
        }
    }

    /// All bytes that are left in an open file.
    ///
    /// - Parameter limit: How many they may be.
    /// - Throws: `SmallFileError` with the reason.
    static func bytes(of file: FileDescriptor, limit: Int) throws(SmallFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
            defer { chunk.deallocate() }
            while bytes.count <= limit, case let count = try file.read(into: chunk), count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            }
        } catch {
            throw SmallFileError(reason: "\(error)")
        }
        guard bytes.count <= limit else { throw SmallFileError(reason: "it is longer than \(limit >> 20) MiB") }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }
}

/// Why a file can't be read whole.
struct SmallFileError: Error, Sendable {
    /// What is wrong with it.
    let reason: String
}
