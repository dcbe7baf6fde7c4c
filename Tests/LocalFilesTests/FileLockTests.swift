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

    @Test("Whoever waits for a file's lock has it once another gave it up; the file stays")
    func waiting() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "state.lock")
        let (waits, begins) = AsyncStream<Void>.makeStream()
        var first: FileLock? = try await FileLock(waitingFor: path) { Issue.record("nobody has it") }
        let second = Task { try await FileLock(waitingFor: path) { begins.yield() } }
        let third = Task { try await FileLock(waitingFor: path) { begins.yield() } }
        // Both were refused once, and go on trying; one of them gives up.
        for await _ in waits.prefix(2) {}
        third.cancel()
        await #expect(throws: CancellationError.self) { try await third.value }
        withExtendedLifetime(first) {}
        first = nil
        let lock = try await second.value
        withExtendedLifetime(lock) {}
        #expect(try folder.files == ["state.lock"])
        let error = await #expect(throws: AtomicFileError.self) {
            try await FileLock(waitingFor: folder.path(of: "nothing/lock")) {}
        }
        #expect(error?.problem == .system(.noSuchFileOrDirectory))
    }
}
