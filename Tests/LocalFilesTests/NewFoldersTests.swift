import FoundationEssentials
import LocalFiles
import SystemPackage
import TestSupport
import Testing

@Suite("Folders that are made for something")
struct NewFoldersTests {
    @Test("Those that stay empty go away; what was there, and what has something in it, stays")
    func removal() throws {
        let folder = try TemporaryFolder()
        var folders = NewFolders()
        for name in ["", "empty", "empty/inner", "full", "full/inner"] { try folders.make(folder.path(of: name)) }
        _ = try folder.write("", to: "full/file")
        folders.removeEmpty()
        let manager = FileManager.default
        #expect(try manager.contentsOfDirectory(atPath: folder.path) == ["full"])
        #expect(try manager.contentsOfDirectory(atPath: folder.path(of: "full")) == ["file"])
    }

    @Test("What can't be made is an error")
    func refused() throws {
        let folder = try TemporaryFolder()
        var folders = NewFolders()
        #expect(throws: Errno.noSuchFileOrDirectory) { try folders.make(folder.path(of: "none/inner")) }
    }
}
