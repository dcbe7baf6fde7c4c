import ContainerImage
import LibC
import SystemPackage

extension DocumentLoader {
    /// A name as the system has it.
    private struct Path: Comparable {
        /// With a zero at its end.
        let bytes: [CChar]

        var shown: String { InputName.shown(InputName.text(of: bytes.dropLast().map { UInt8(bitPattern: $0) })) }

        /// The entry `name` of this folder.
        func appending(_ name: [CChar]) -> Path {
            let folder = bytes.dropLast()
            return Path(bytes: folder + (folder.last == slash ? [] : [slash]) + name)
        }

        func hasEnding(_ ending: String) -> Bool {
            bytes.dropLast().suffix(ending.utf8.count).elementsEqual(ending.utf8.lazy.map { CChar(bitPattern: $0) })
        }

        private var slash: CChar { CChar(bitPattern: UInt8(ascii: "/")) }

        /// In the order of bytes, whatever the characters: so has it `ls` in the C locale, and git.
        static func < (left: Path, right: Path) -> Bool {
            left.bytes.lexicographicallyPrecedes(right.bytes) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
        }
    }

    /// One file, or those of a folder.
    static func files(of name: String) throws(InputError) -> [Input] {
        let path = Path(bytes: InputName.bytes(of: name))
        guard try status(of: path).isFolder else { return [try file(path)] }
        var inputs: [Input] = []
        for path in try files(below: path).sorted() { inputs.append(try file(path)) }
        return inputs
    }

    private static func file(_ path: Path) throws(InputError) -> Input {
        do {
            let descriptor = try SystemPackage.FileDescriptor.open(path.bytes, .readOnly, options: .closeOnExec)
            let bytes = try descriptor.closeAfter { try contents(of: descriptor, named: path.shown) }
            return Input(name: path.shown, bytes: bytes)
        } catch let error as InputError {
            throw error
        } catch {
            throw InputError(name: path.shown, reason: "\(error)")
        }
    }

    /// How long a file, or standard input, may be, in bytes: all of it is held, and what is read of it.
    private static let fileSizeLimit = 1 << 30

    /// All that there is to read.
    static func contents(of descriptor: SystemPackage.FileDescriptor, named name: String) throws(InputError) -> [UInt8]
    {
        let tooLong = InputError(name: name, reason: "the document is longer than \(fileSizeLimit >> 20) MiB")
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { chunk.deallocate() }
        do {
            while case let count = try descriptor.read(into: chunk), count > 0 {
                guard bytes.count + count <= fileSizeLimit else { throw tooLong }
                let isFirst = bytes.isEmpty
                bytes.append(contentsOf: chunk[..<count])
                guard isFirst else { continue }
                try refuseOthers(bytes, named: name)
                var status = stat()
                if fstat(descriptor.rawValue, &status) == 0, status.st_size > fileSizeLimit { throw tooLong }
            }
        } catch let error as InputError {
            throw error
        } catch {
            throw InputError(name: name, reason: "\(error)")
        }
        return bytes
    }

    /// Tells what else than documents begins so: a package was given in their place, or a compressed file.
    private static func refuseOthers(_ start: [UInt8], named name: String) throws(InputError) {
        if start.dropFirst(257).starts(with: "ustar".utf8) {
            throw InputError(name: name, reason: "this is a tarball and not YAML", hint: .passPackage)
        }
        let known: [(magic: [UInt8], program: String)] = [
            ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
        ]
        if let program = known.first(where: { start.starts(with: $0.magic) })?.program {
            throw InputError(name: name, reason: "it is compressed; decompress it first, with \(program) -dc")
        }
    }

    /// The files that end in .yml, .yaml or .json, at any depth.
    ///
    /// What can't be looked at is an error: it may be what was meant to be deployed.
    private static func files(below folder: Path) throws(InputError) -> [Path] {
        guard let directory = opendir(folder.bytes) else { throw failure(folder) }
        defer { closedir(directory) }
        var found: [Path] = []
        while let name = try nextName(in: directory, of: folder) {
            let path = folder.appending(name)
            let isDocument = [".yml", ".yaml", ".json"].contains(where: path.hasEnding)
            let entry = try status(of: path, followsLink: false)
            if entry.isFolder {
                found += try files(below: path)
            } else if entry.isLink {
                // One to a folder may lead back up, and would then never end; one that has a document's name can't be read.
                guard isDocument else { continue }
                let target = try status(of: path)
                guard !target.isFolder else { throw failure(path, EISDIR) }
                found.append(try regular(path, target))
            } else if isDocument {
                found.append(try regular(path, entry))
            }
        }
        return found
    }

    /// What is a pipe or a device is read where it is named: in a folder it may never end.
    private static func regular(_ path: Path, _ status: Status) throws(InputError) -> Path {
        guard status.isRegular else {
            throw InputError(name: path.shown, reason: "it isn't a regular file; move it out of the folder")
        }
        return path
    }

    /// The name of the next entry, zero-terminated; nil if there are no more.
    private static func nextName(in directory: OpaquePointer, of folder: Path) throws(InputError) -> [CChar]? {
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw failure(folder) }
                return nil
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { text in
                    Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
                }
            }
            let isSelfOrParent = name == [0x2E, 0] || name == [0x2E, 0x2E, 0]
            if !isSelfOrParent { return name }
        }
    }

    private typealias Status = (isFolder: Bool, isLink: Bool, isRegular: Bool)

    private static func status(of path: Path, followsLink: Bool = true) throws(InputError) -> Status {
        var status = stat()
        guard (followsLink ? stat(path.bytes, &status) : lstat(path.bytes, &status)) == 0 else { throw failure(path) }
        let kind = status.st_mode & S_IFMT
        return (kind == S_IFDIR, kind == S_IFLNK, kind == S_IFREG)
    }

    private static func failure(_ path: Path, _ code: CInt = errno) -> InputError {
        InputError(name: path.shown, reason: "\(Errno(rawValue: code))")
    }
}
