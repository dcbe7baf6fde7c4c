import FoundationEssentials
import LibC
import LocalFiles
import SystemPackage
import Testing

@Suite("Files that appear whole")
struct AtomicFileTests {
    /// A folder that is removed in the end.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "atomic-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func write(_ text: String, to path: String, _ start: AtomicFile.Start = .anew) throws {
        let file = try AtomicFile(path: path, start: start, permissions: .ownerReadWrite)
        _ = try file.descriptor.writeAll(text.utf8)
        try file.commit()
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    private func status(_ path: String) -> stat {
        var status = stat()
        _ = stat(path, &status)
        return status
    }

    @Test("another name's file isn't written to, whatever lies in the temporary's place", arguments: [true, false])
    func foreignTemporaries(isSymbolic: Bool) throws {
        try withFolder { folder in
            for start in [AtomicFile.Start.anew, .alone, .resuming] {
                try Data("mine".utf8).write(to: URL(filePath: folder + "/mine"))
                let made =
                    isSymbolic
                    ? symlink("mine", folder + "/.file.partial") : link(folder + "/mine", folder + "/.file.partial")
                try #require(made == 0)
                try write("new", to: folder + "/file", start)
                #expect(try text(folder + "/mine") == "mine")
                #expect(try text(folder + "/file") == "new")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["file", "mine"])
            }
        }
    }

    @Test("a name may be as long as names can be", arguments: [1, 245, 246, 247, 254, 255])
    func longNames(length: Int) throws {
        try withFolder { folder in
            let names = ["a", "b"].map { String(repeating: "n", count: length - 1) + $0 }
            let first = try AtomicFile(path: folder + "/" + names[0], start: .alone, permissions: .ownerReadWrite)
            // Two long names have two temporaries.
            try write("b", to: folder + "/" + names[1], .alone)
            try first.commit()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names)
        }
    }

    @Test("a link to a name that isn't UTF-8 is followed to that name")
    func bytes() throws {
        try withFolder { folder in
            let target: [CChar] = [0x78, -1, 0x79, 0]
            try #require(symlink(target, folder + "/link") == 0)
            try write("new", to: folder + "/link")
            let path = (folder + "/").utf8CString.dropLast() + target
            #expect(access(Array(path), F_OK) == 0)
            #expect(status(folder + "/link").st_size == 3)
            #expect(throws: AtomicFileError.self) {
                _ = symlink("loop", folder + "/loop")
                try write("x", to: folder + "/loop")
            }
        }
    }

    @Test("another process that writes the file is waited for, but not for ever")
    func locks() throws {
        try withFolder { folder in
            let lock = open(folder + "/.file.partial", O_CREAT | O_RDWR, 0o600)
            defer { close(lock) }
            try #require(flock(lock, LOCK_EX) == 0)
            let clock = ContinuousClock()
            for start in [AtomicFile.Start.anew, .alone, .resuming] {
                let time = clock.measure {
                    let error = #expect(throws: AtomicFileError.self) { try write("x", to: folder + "/file", start) }
                    #expect(error?.problem == .inUse)
                }
                #expect(time < .seconds(start == .anew ? 5 : 1))
                #expect(throws: AtomicFileError.self) { try AtomicFile.check(folder + "/file", start: .alone) }
            }
        }
    }

    @Test("permissions stay, without set-ID bits and the right of all to write; a new file has those that are wanted")
    func permissions() throws {
        try withFolder { folder in
            let path = folder + "/file"
            // What another program left must not decide.
            _ = close(open(folder + "/.file.partial", O_CREAT | O_RDWR, 0o777))
            try write("new", to: path)
            #expect(status(path).st_mode & 0o7777 == 0o600)
            for (old, new) in [(0o640, 0o640), (0o6755, 0o755), (0o666, 0o664)] as [(mode_t, mode_t)] {
                try #require(chmod(path, old) == 0)
                try write("again", to: path)
                #expect(status(path).st_mode & 0o7777 == new)
            }
        }
    }

    @Test("a folder is one process's at a time")
    func folders() throws {
        try withFolder { folder in
            let lock = try FileLock(folder: folder)
            #expect(throws: AtomicFileError.self) { try FileLock(folder: folder) }
            withExtendedLifetime(lock) {}
        }
    }
}
