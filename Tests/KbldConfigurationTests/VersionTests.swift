import KbldConfiguration
import Testing

@Suite("Versions, constraints and the choice of a tag")
struct VersionTests {
    @Test(
        "versions are written as they were read",
        arguments: ["0.0.0", "1.2.3", "1.2.3-rc.1", "1.2.3+build.01", "1.0.0-x-y.7+a-b"]
    )
    func versions(text: String) throws {
        #expect(try SemanticVersion(text).description == text)
    }

    @Test(
        "invalid versions",
        arguments: [
            "", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.02.3", "1.2.03", "1.2.x", "1..3", "1.2.3-", "1.2.3+",
            "1.2.3-a..b", "1.2.3-01", "1.2.3-ä", "+1.2.3", "1.2.-3", "1.2.99999999999999999999",
        ]
    )
    func noVersions(text: String) {
        #expect(throws: SemanticVersionError.self) { try SemanticVersion(text) }
    }

    @Test("versions are ordered by precedence")
    func order() throws {
        let ascending = [
            "0.9.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-rc.2",
            "1.0.0-rc.10", "1.0.0", "1.0.0+1", "1.0.0+2", "1.0.0+ab", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
        ]
        let versions = try ascending.map { try SemanticVersion($0) }
        #expect(versions.reversed().sorted().map(\.description) == ascending)
    }

    @Test(
        "a constraint allows and refuses",
        arguments: [
            (">=1.0.0 <2.0.0", ["1.0.0", "1.9.9", "2.0.0-rc.1"], ["0.9.9", "2.0.0"]),
            (">1.0.0", ["1.0.1"], ["1.0.0"]),
            ("<=1.0.0", ["1.0.0", "1.0.0-rc.1"], ["1.0.1"]),
            ("1.2.3", ["1.2.3"], ["1.2.4", "1.2.3-rc.1"]),
            ("=1.2.3", ["1.2.3"], ["1.2.4"]),
            ("==1.2.3", ["1.2.3"], ["1.2.4"]),
            ("!1.2.3", ["1.2.4"], ["1.2.3"]),
            (">=1.0.0 !=1.2.3 <2.0.0", ["1.2.4"], ["1.2.3", "2.0.0"]),
            ("<1.0.0 || >1.1.0 <2.0.0", ["0.9.0", "1.2.0"], ["1.0.0", "1.1.0", "2.0.0"]),
            ("<1.0.0||>2.0.0", ["0.9.0", "2.0.1"], ["1.0.0"]),
            ("  >=   1.2.3   <  1.3.0   ", ["1.2.3"], ["1.3.0"]),
            ("1.x", ["1.0.0", "1.9.9", "1.0.0-0"], ["0.9.9", "2.0.0", "2.0.0-rc.1"]),
            ("1.x.x", ["1.0.0", "1.9.9"], ["2.0.0"]), ("!=1.x", ["0.9.0", "2.0.0"], ["1.0.0", "1.2.3"]),
            ("1.2.x", ["1.2.0", "1.2.9"], ["1.3.0", "1.1.9"]),
            (">1.2.x", ["1.3.0"], ["1.2.9"]),
            (">=1.2.x", ["1.2.0", "2.0.0"], ["1.1.9"]),
            ("<1.2.x", ["1.1.9"], ["1.2.0", "1.2.0-rc.1"]),
            ("<=1.2.x", ["1.2.9"], ["1.3.0"]),
            ("!=1.2.x", ["1.1.9", "1.3.0"], ["1.2.0", "1.2.9"]),
            ("1.x || >=2.0.x <2.2.x", ["1.2.2", "2.1.8"], ["0.9.2", "2.2.0"]),
            ("1.2.3-x.x", ["1.2.3-x.x"], ["1.2.3-x.y"]),
            (" ", ["0.0.1", "9.9.9"], []),
        ]
    )
    func constraints(text: String, allowed: [String], refused: [String]) throws {
        let constraint = try VersionConstraint(text)
        for version in allowed { #expect(constraint.allows(try SemanticVersion(version)), "\(version)") }
        for version in refused { #expect(!constraint.allows(try SemanticVersion(version)), "\(version)") }
    }

    @Test(
        "invalid constraints",
        arguments: [
            (">>1.2.3", "'>>' in '>>1.2.3' is none of"), ("1.0", "'1.0' is not a version"), ("x", "has no version"),
            ("string", "has no version"), ("|| 1.0.0", "both sides of '||'"), ("1.0.0 ||", "both sides of '||'"),
            ("1.0.0 || || 2.0.0", "both sides of '||'"), (">=v1.0.0", "'>=v'"), ("v1.0.0", "without the 'v'"),
            ("~1.0.0", "'~'"), ("1.0.0 | 2.0.0", "'|'"),
        ]
    )
    func noConstraints(text: String, message: String) {
        let error = #expect(throws: VersionConstraintError.self) { try VersionConstraint(text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    static let tags = [
        "0.9.0", "1.0.0", "1.0.1", "1.10.0", "1.2.0", "1.2.0-beta.1", "1.2.0-rc.1", "1.2.0-rc.2", "2.0.0", "3", "4.5",
        "latest", "v2.1.0",
    ]

    @Test(
        "the highest version that is wanted",
        arguments: [
            (nil, .excluded, "v2.1.0"),
            ("<1.1.0", .excluded, "1.0.1"),
            ("<1.0.0 || >1.1.0 <2.0.0", .excluded, "1.10.0"),
            (">=1.0.0 !2.1.0 <=2.1.0", .excluded, "2.0.0"),
            (">=1.2.0-rc.0 <1.2.0", .included, "1.2.0-rc.2"),
            ("<1.2.0", .identified(by: ["beta"]), "1.2.0-beta.1"),
            ("<1.2.0", .identified(by: ["alpha"]), "1.0.1"),
            ("1.2.x", .excluded, "1.2.0"),
        ] as [(String?, VersionSelection.Prereleases, String)]
    )
    func selection(constraint: String?, prereleases: VersionSelection.Prereleases, tag: String) throws {
        let selection = VersionSelection(
            constraint: try constraint.map { try VersionConstraint($0) },
            prereleases: prereleases
        )
        #expect(try selection.highest(of: Self.tags) == tag)
    }

    @Test("of tags for the same version the last counts")
    func equals() throws {
        #expect(try VersionSelection().highest(of: ["1.0.0", "v1.0.0", "0.1.0"]) == "v1.0.0")
    }

    @Test("when none is wanted, the error lists what was found")
    func none() throws {
        let selection = VersionSelection(constraint: try VersionConstraint(">9.0.0"))
        let error = #expect(throws: VersionSelectionError.self) { try selection.highest(of: Self.tags) }
        let message = try #require(error?.description)
        #expect(message.hasPrefix("no version matches '>9.0.0': 13 tags, of them 10 versions (3 of them prereleases"))
        #expect(message.hasSuffix("1.2.0, 1.10.0, 2.0.0, v2.1.0"))
    }

    @Test("when there are no versions at all, the error says so")
    func noneAtAll() {
        let error = #expect(throws: VersionSelectionError.self) { try VersionSelection().highest(of: ["latest", "3"]) }
        #expect(error?.description.contains("none of the 2 tags is a semantic version") == true)
    }
}
