import ContainerImage
import DocumentInput
import FoundationEssentials
import KbldConfiguration
import KubernetesYAML
import LibC
import TestSupport
import Testing

@Suite("Documents of files and folders")
struct FolderTests {
    @Test("Inputs are read in the order in which they are given, and a file may have several documents")
    func order() async throws {
        let folder = try TemporaryFolder()
        let one = try folder.write("at: 1\n---\nat: 2\n", to: "one.yml")
        let two = try folder.write(#"{"at": 3}"#, to: "two.json")
        #expect(try await read([two, one]).texts == [#"{"at":3}"#, #"{"at":1}"#, #"{"at":2}"#])
        #expect(try await read([one, one]).texts.count == 4)
        #expect(try await read([]).texts == [])
    }

    @Test("A file given by name may have any name; of a folder, those that end in .yml, .yaml or .json are read")
    func names() async throws {
        let folder = try TemporaryFolder()
        for name in ["a.yml", "b.yaml", "c.json", "d.txt", "README", "e.YML", "yml", ".hidden.yml"] {
            try folder.write("{name: \(name)}", to: name)
        }
        #expect(try await read([folder.path(of: "README")]).texts == [#"{"name":"README"}"#])
        let names = try await read([folder.path]).texts
        #expect(names == [".hidden.yml", "a.yml", "b.yaml", "c.json"].map { #"{"name":"\#($0)"}"# })
    }

    @Test("Files of a folder come in the order of their paths' bytes, at any depth, whether or not it ends in a slash")
    func depth() async throws {
        let folder = try TemporaryFolder()
        let names = ["B", "a.b", "a/b", "a0", "e\u{301}", "f", "sub/x/y/z", "z", "\u{E9}a", "\u{FF2E}", "\u{1F600}"]
        for name in names.shuffled() { try folder.write("at: '\(name)'", to: "d/\(name).yml") }
        let expected = names.map { #"{"at":"\#($0)"}"# }
        #expect(try await read([folder.path(of: "d")]).texts == expected)
        #expect(try await read([folder.path(of: "d/")]).texts == expected)
    }

    @Test("Links to files are followed; links to folders, and other files, are ignored")
    func links() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a: 1", to: "elsewhere/x")
        try folder.write("b: 1", to: "elsewhere/y.yml")
        try folder.write("c: 1", to: "d/z.yml")
        for (target, name) in [("../elsewhere/x", "x.yml"), ("../elsewhere", "e"), ("..", "up"), ("gone", "README")] {
            try #require(symlink(target, folder.path(of: "d/\(name)")) == 0)
        }
        #expect(try await read([folder.path(of: "d")]).texts == [#"{"a":1}"#, #"{"c":1}"#])
    }

    @Test(
        "What can't be looked at is an error that names it, not something to pass over",
        arguments: [
            ("../gone.yml", "No such file or directory"), ("x.yml", "Too many levels of symbolic links"),
            (".", "Is a directory"),
        ]
    )
    func broken(target: String, reason: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("a: 1", to: "d/a.yml")
        try #require(symlink(target, folder.path(of: "d/x.yml")) == 0)
        let error = await #expect(throws: InputError.self) { try await read([folder.path(of: "d")]) }
        #expect(error?.name == folder.path(of: "d/x.yml") && error?.reason == reason)
        #expect(error?.description == "Reading '\(folder.path)/d/x.yml': \(reason)")
    }

    @Test("A pipe in a folder is refused and not waited for, also behind a link")
    func pipes() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a: 1", to: "d/a.yml")
        try folder.write("a: 1", to: "l/a.yml")
        try #require(mkfifo(folder.path(of: "d/pipe.yml"), 0o600) == 0)
        try #require(symlink(folder.path(of: "d/pipe.yml"), folder.path(of: "l/link.yml")) == 0)
        for name in ["d/pipe.yml", "l/link.yml"] {
            let parent = folder.path(of: String(name.prefix(1)))
            let error = await #expect(throws: InputError.self) { try await read([parent]) }
            #expect(error?.name == folder.path(of: name))
            #expect(error?.reason == "it isn't a regular file; move it out of the folder")
        }
    }

    @Test("A file that isn't there is named; what is read before it doesn't matter")
    func missing() async throws {
        let folder = try TemporaryFolder()
        let there = try folder.write("a: 1", to: "a.yml")
        let error = await #expect(throws: InputError.self) { try await read([there, folder.path(of: "gone.yml")]) }
        #expect(error?.name == folder.path(of: "gone.yml") && error?.reason == "No such file or directory")
    }

    @Test("A file that nobody can hold in memory is refused without reading it")
    func length() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "x.yml")
        try #require(truncate(path, 2 << 30) == 0)
        let error = await #expect(throws: InputError.self) { try await read([path]) }
        #expect(error?.reason == "the document is longer than 1024 MiB")
    }

    @Test("Configuration is taken out of all inputs; the rest is what is printed")
    func configuration() async throws {
        let folder = try TemporaryFolder()
        let head = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n"
        try folder.write("image: a\n---\n\(head)overrides: [{image: a, newImage: b}]\n", to: "1.yml")
        try folder.write("\(head)overrides: [{image: c, newImage: d}]\n---\nimage: c\n", to: "2.yml")
        let documents = try await read([folder.path])
        #expect(documents.texts == [#"{"image":"a"}"#, #"{"image":"c"}"#])
        #expect(documents.configuration.overrides.count == 2)
    }

    @Test("What is wrong in a file names the file")
    func mistakes() async throws {
        let folder = try TemporaryFolder()
        let syntax = try folder.write("a: [", to: "syntax.yml")
        let broken = await #expect(throws: YAMLError.self) { try await read([syntax]) }
        #expect(broken?.file == syntax)
        let old = try folder.write(
            "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\nminimumRequiredVersion: 99.0.0\n",
            to: "new.yml"
        )
        let error = await #expect(throws: ConfigurationError.self) { try await read([old]) }
        #expect(error?.description.contains(old) == true)
    }

    @Test("Names that aren't UTF-8 are read as they are, by themselves and in folders, and shown with their bytes")
    func otherNames() async throws {
        let folder = try TemporaryFolder()
        let name: [UInt8] = Array("caf".utf8) + [0xE9] + Array(".yml".utf8)
        let path = Array((folder.path + "/").utf8) + name
        let file = open(path.map { CChar(bitPattern: $0) } + [0], O_CREAT | O_WRONLY, 0o600)
        try #require(file >= 0 && LibC.write(file, "a: [", 4) == 4)
        close(file)
        for input in [folder.path, InputName.text(of: path)] {
            let error = await #expect(throws: YAMLError.self) { try await read([input]) }
            #expect(error?.file == folder.path + "/caf\\xe9.yml")
        }
    }
}
