import Testing

@Suite("docs/architecture.md")
struct ArchitectureDocumentTests {
    /// The table's rows: a target, and what it is said to use.
    private static func rows() throws -> [String: Set<String>] {
        let text = try Project.text(of: "docs/architecture.md")
        let rows = text.split(separator: "\n").compactMap { line -> (String, Set<String>)? in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count == 5, let name = cells[1].firstMatch(of: /`(\w+)`/) else { return nil }
            return (String(name.1), Set(cells[3].matches(of: /\w+/).map { String($0.0) }))
        }
        return Dictionary(rows, uniquingKeysWith: { $1 })
    }

    @Test("It names every target, and what each uses")
    func targets() throws {
        let package = try PackageDescription()
        let rows = try Self.rows()
        for target in package.parts {
            let uses = try #require(rows[target.name], "\(target.name) is missing")
            #expect(uses == target.dependencies.intersection(package.names), "\(target.name)")
        }
        #expect(package.names.isSuperset(of: rows.keys))
    }
}
