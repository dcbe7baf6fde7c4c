import FoundationEssentials
import LibC
import LocalFiles
import SystemPackage
import TestSupport
import Testing

@Suite("Files that appear whole")
struct AtomicFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try body(folder.path)
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

    @Test("until it is whole, a file is what it was before; then it is all of the new one")
    func wholeOrNothing() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("old", to: "file")
        let file = try AtomicFile(path: path, start: .anew, permissions: .ownerReadWrite)
        #expect(file.path == path && file.temporary == FilePath(folder.path(of: ".file.partial")))
        _ = try file.descriptor.writeAll("new".utf8)
        #expect(try folder.text(of: "file") == "old")
        try file.commit()
        #expect(try folder.text(of: "file") == "new")
        #expect(try folder.files == ["file"])
    }

    @Test("what is discarded leaves the file as it was, and no temporary")
    func discarding() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("old", to: "file")
        let file = try AtomicFile(path: path, start: .alone, permissions: .ownerReadWrite)
        _ = try file.descriptor.writeAll("new".utf8)
        file.discard()
        #expect(try folder.text(of: "file") == "old")
        #expect(try folder.files == ["file"])
    }

    @Test("a file that can't get its name is an error, and the temporary goes")
    func failedCommit() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(path: folder.path(of: "file"), start: .anew, permissions: .ownerReadWrite)
        try FileManager.default.createDirectory(atPath: folder.path(of: "file"), withIntermediateDirectories: false)
        let error = #expect(throws: AtomicFileError.self) { try file.commit() }
        #expect(error?.problem == .system(.isDirectory))
        #expect(try folder.files == ["file"])
    }

    @Test("what is kept is gone on from where that is wanted, and cleared else", arguments: [true, false])
    func resuming(goesOn: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "file")
        let first = try AtomicFile(path: path, start: .resuming, permissions: .ownerReadWrite)
        #expect(first.sizeBefore == 0)
        _ = try first.descriptor.writeAll("half".utf8)
        first.outlastProcess()
        first.keep()
        #expect(try folder.files == [".file.partial"])
        let second = try AtomicFile(path: path, start: goesOn ? .resuming : .alone, permissions: .ownerReadWrite)
        #expect(second.sizeBefore == (goesOn ? 4 : 0))
        _ = try second.descriptor.writeAll(toAbsoluteOffset: second.sizeBefore, "rest".utf8)
        try second.commit()
        #expect(try folder.text(of: "file") == (goesOn ? "halfrest" : "rest"))
    }

    @Test(
        "what isn't the name of a file is refused before anything is written",
        arguments: [
            ("", .noName, "this is not a file's name"), ("/", .noName, "this is not a file's name"),
            ("folder", .folder, "it is a folder"), ("folder/", .noName, "this is not a file's name"),
            ("folder/..", .noName, "this is not a file's name"), ("pipe", .special, "it is not a regular file"),
            ("nowhere/file", .system(.noSuchFileOrDirectory), "No such file or directory"),
            ("plain/file", .system(.notDirectory), "Not a directory"),
            ("loop", .system(.tooManySymbolicLinkLevels), "Too many levels of symbolic links"),
            (
                "link", .danglingLink("/nowhere/file"),
                "it is a link to '/nowhere/file', and the folder of that doesn't exist"
            ),
        ] as [(String, AtomicFileError.Problem, String)]
    )
    func refused(name: String, problem: AtomicFileError.Problem, reason: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "folder/plain")
        try folder.write("", to: "plain")
        try #require(mkfifo(folder.path(of: "pipe"), 0o600) == 0 && symlink("loop", folder.path(of: "loop")) == 0)
        try #require(symlink("/nowhere/file", folder.path(of: "link")) == 0)
        let before = try folder.files
        let path = name.isEmpty || name == "/" ? name : folder.path(of: name)
        for attempt in [
            { _ = try AtomicFile(path: path, start: .anew, permissions: .ownerReadWrite) },
            { try AtomicFile.check(path, start: .anew) },
        ] {
            let error = #expect(throws: AtomicFileError.self) { try attempt() }
            #expect(error?.problem == problem && error?.reason == reason)
            #expect(error?.description == "Writing '\(path)': \(reason)")
        }
        #expect(try folder.files == before)
    }

    @Test("a path that can be written is told to be so, and nothing is there afterwards", arguments: [true, false])
    func check(isThere: Bool) throws {
        let folder = try TemporaryFolder()
        if isThere { try folder.write("old", to: "file") }
        let before = try folder.files
        try AtomicFile.check(folder.path(of: "file"), start: .alone)
        #expect(try folder.files == before)
        try AtomicFile(path: folder.path(of: "file"), start: .anew, permissions: .ownerReadWrite).keep()
        #expect(throws: Never.self, "nobody writes what was left") {
            try AtomicFile.check(folder.path(of: "file"), start: .alone)
        }
    }
}
