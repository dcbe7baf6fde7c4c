import LocalFiles
import SystemPackage
import TestSupport
import Testing

@Suite("Locks of folders")
struct FileLockTests {
    @Test("A folder has one lock at a time, and another when that is given up")
    func once() throws {
        let folder = try TemporaryFolder()
        var lock: FileLock? = try FileLock(folder: folder.path)
        let error = #expect(throws: AtomicFileError.self) { try FileLock(folder: folder.path) }
        #expect(error?.problem == .inUse && error?.reason == "another process is writing it")
        withExtendedLifetime(lock) {}
        lock = nil
        #expect(throws: Never.self) { try FileLock(folder: folder.path) }
    }

    @Test("Only a folder that is there has a lock")
    func refused() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("", to: "file")
        let notThere = #expect(throws: AtomicFileError.self) { try FileLock(folder: folder.path(of: "nothing")) }
        #expect(notThere?.problem == .system(.noSuchFileOrDirectory))
        let isFile = #expect(throws: AtomicFileError.self) { try FileLock(folder: file) }
        #expect(isFile?.problem == .system(.notDirectory))
    }
}
