import LibC
import LocalFiles
import SystemPackage
import TestSupport
import Testing

@Suite("Small files of text")
struct TextFileTests {
    @Test("A new file is its owner's alone, or what else is wanted; an old one is replaced whole")
    func writing() throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "lock.yml")
        try TextFile.write("a long text", to: path)
        try TextFile.write("short", to: path)
        #expect(try folder.text(of: "lock.yml") == "short")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        try TextFile.write("", to: folder.path(of: "open"), permissions: FilePermissions(rawValue: 0o640))
        #expect(stat(folder.path(of: "open"), &status) == 0 && status.st_mode & 0o777 == 0o640)
        #expect(try folder.files == ["lock.yml", "open"])
    }

    @Test("A pipe is written to as it is, and so is a device")
    func pipes() throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let reader = try FileDescriptor.open(path, .readOnly, options: .nonBlocking)
        defer { try? reader.close() }
        try TextFile.check(path)
        try TextFile.write("text", to: path)
        let bytes = try [UInt8](unsafeUninitializedCapacity: 10) { buffer, count in
            count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "text")
        #expect(throws: Never.self) { try TextFile.write("text", to: "/dev/null") }
        let error = #expect(throws: TextFileError.self) { try TextFile.write("text", to: "/dev/full") }
        #expect(error?.description == "Writing '/dev/full': No space left on device")
    }

    @Test(
        "What can't be written is named, and why, before the work whose result goes there as well as then",
        arguments: [
            ("/no/such/folder/file", "No such file or directory"), ("/", "this is not a file's name"),
            ("/tmp", "it is a folder"),
        ]
    )
    func refused(path: String, reason: String) {
        for attempt in [{ try TextFile.check(path) }, { try TextFile.write("x", to: path) }] {
            let error = #expect(throws: TextFileError.self) { try attempt() }
            #expect(error?.path == path && error?.reason == reason)
        }
    }

    @Test("Where no file is wanted, none is looked at", arguments: [nil, ""])
    func none(path: String?) {
        #expect(throws: Never.self) { try TextFile.check(path) }
    }

    @Test("A stream that was opened here is closed when nothing refers to it any more; another's stays open")
    func streams() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "file")
        var file = stat()
        try #require(stat(path, &file) == 0)
        for isOwned in [true, false] {
            let descriptor = try FileDescriptor.open(path, .readOnly)
            var handle: StreamHandle? = StreamHandle(descriptor, isOwned: isOwned)
            #expect(handle?.descriptor == descriptor)
            handle = nil
            // The number of one that is closed may be another's by now.
            var found = stat()
            let isOpen = fstat(descriptor.rawValue, &found) == 0 && found.st_ino == file.st_ino
            #expect(isOpen == !isOwned)
            if !isOwned { try descriptor.close() }
        }
    }
}
