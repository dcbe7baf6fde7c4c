import ContainerImage
import KbldWorkflows
import LibC
import Testing

@Suite("What a command looks at")
struct ImageSubjectTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test("What standard input and pipes are shows when they are read")
    func streams() throws {
        let pipe = folder.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        for text in ["-", pipe] {
            guard case .stream(path: text) = try ImageSubject(text) else { return #expect(Bool(false), "\(text)") }
        }
    }

    @Test("Addresses and files that are not packages are documents")
    func documents() throws {
        let path = try folder.write("kind: Pod\n", to: "app.yml")
        for text in ["http://r.example/app.yml", "https://r.example/app.yml", path] {
            guard case .documents([text]) = try ImageSubject(text) else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test("A file that begins as a compressed one does is meant as a package")
    func package() throws {
        let path = try folder.write("BZh91AY", to: "app.yml")
        guard case .package(path: path) = try ImageSubject(path) else { return #expect(Bool(false), "no package") }
    }

    @Test("All else is an image in a registry")
    func reference() throws {
        guard case .reference(let reference) = try ImageSubject("nginx:1.29") else {
            return #expect(Bool(false), "no reference")
        }
        #expect(reference == (try ImageReference("nginx:1.29")))
    }

    @Test("What is neither is refused with both reasons")
    func unknown() {
        let error = #expect(throws: UnknownSubjectError.self) { try ImageSubject("No such/File") }
        #expect(error?.description.hasPrefix("'No such/File' is neither a file nor a valid image reference: ") == true)
    }
}
