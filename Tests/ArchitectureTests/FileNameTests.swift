import Testing

@Suite("File names")
struct FileNameTests {
    /// Files that are named after something else.
    private static let exceptions: [String: String] = [
        "Sources/LibC/LibC.swift": "re-exports, and declares nothing"
    ]

    @Test("A file is named after a type that it declares or extends")
    func names() throws {
        for file in try Project.files(in: "Sources") where Self.exceptions[file.path] == nil {
            let type = file.name.prefix { $0 != "+" }
            let declared = file.lines.contains { line in
                line.matches(of: /\b(actor|class|enum|extension|protocol|struct|typealias) ([\w.]+)/).contains {
                    $0.2 == type || $0.2.hasSuffix(".\(type)")
                }
            }
            #expect(declared, "\(file.path) declares and extends no \(type)")
        }
    }

    @Test("Exceptions are files that are there")
    func exceptions() throws {
        let paths = Set(try Project.files(in: "Sources").map(\.path))
        #expect(paths.isSuperset(of: Self.exceptions.keys))
    }
}
