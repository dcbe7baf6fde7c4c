import ContainerImage
import KbldConfiguration
import RegistryMirroring
import Testing

@Suite("Selections of tags")
struct TagSelectionTests {
    private static let nginx = [
        "latest", "1.27", "1.26.3-alpine", "1.27.0-alpine", "1.27.4-alpine", "1.28.0-alpine", "1.28.0-rc1-alpine",
        "1.29.0-alpine", "1.29.0", "2.0.0-alpine", "sha256-\(String(repeating: "a", count: 64))",
        "kbld-sha256-\(String(repeating: "a", count: 64))",
    ]

    private func tags(_ selection: String, _ tags: [String] = nginx) throws -> [String] {
        let document = try MirrorDocument(
            reading: Array(
                """
                apiVersion: kbld.k14s.io/v1alpha1
                kind: Mirror
                target: r.io/m
                images: [{repository: r.io/a, tags: \(selection)}]
                """.utf8
            ),
            file: "mirror.yml"
        )
        guard case .repository(_, let selection)? = document.entries.first?.content else { return [] }
        let candidates = selection.candidates(among: tags)
        return (selection.newest(of: candidates) ?? candidates).map(\.name)
    }

    @Test("Versions, patterns and exceptions must all hold; the newest come first")
    func all() throws {
        #expect(
            try tags(#"{semver: ">=1.27 <2", match: ["*-alpine"], except: ["*-rc*"], newest: 3}"#)
                == ["1.29.0-alpine", "1.28.0-alpine", "1.27.4-alpine"]
        )
    }

    @Test("A range alone takes releases; what stands for digests is no tag")
    func releases() throws {
        #expect(try tags(#"{semver: ">=1.27 <2"}"#) == ["1.29.0"])
        #expect(try tags(#"{semver: ">=1.27 <2", shortVersions: true}"#) == ["1.27", "1.29.0"])
        #expect(try tags(#"{semver: "1.x", prereleases: true, except: "*rc*"}"#).count == 6)
        #expect(try tags("{}").count == Self.nginx.count - 2)
        #expect(try tags(#"{regex: "1\\.2[67]"}"#) == ["1.27"])
        #expect(try tags(#"{match: "1.2?", regex: "lat.*"}"#) == ["1.27", "latest"])
        #expect(try tags(#"{exceptRegex: "[0-9].*"}"#) == ["latest"])
    }

    @Test("The newest are by version, or by the images' dates where a tag is no version")
    func newest() throws {
        #expect(try tags("{newest: 2}", ["3.9", "3.10", "3.2"]) == ["3.10", "3.9"])
        let selection = {
            var selection = TagSelection(); selection.newest = 1; return selection
        }()
        #expect(selection.newest(of: [try Tag("1.0.0"), try Tag("latest")]) == nil)
    }

    @Test(
        "Ranges",
        arguments: [
            (">=1.27 <2", ["1.27.0", "1.99.9"], ["1.26.9", "2.0.0", "2.0.0-rc.1"]),
            ("^1.2", ["1.2.0", "1.9.9"], ["2.0.0", "1.1.9"]),
            ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]),
            ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0"]),
            ("~1", ["1.0.0", "1.9.0"], ["2.0.0"]),
            ("1.27", ["1.27.0", "1.27.9"], ["1.28.0"]),
            ("1.x || 3.*", ["1.5.0", "3.1.0"], ["2.0.0"]),
            ("1.2 - 1.4", ["1.2.0", "1.4.9"], ["1.5.0"]),
            (">= 1.0, != 1.5.0", ["1.4.0", "1.6.0"], ["1.5.0", "0.9.0"]),
            ("> 1.2", ["1.3.0"], ["1.2.9"]),
            ("<= 1.2", ["1.2.9"], ["1.3.0"]),
            ("!=1.2", ["1.3.0"], ["1.2.4"]),
            ("*", ["0.0.1"], []),
            (">=1.0.0-rc.1", ["1.0.0-rc.2", "1.0.0"], ["1.0.0-beta"]),
        ]
    )
    func ranges(text: String, allowed: [String], refused: [String]) throws {
        let range = try VersionRange(text)
        for version in allowed { #expect(try range.allows(.init(version)), "\(text): \(version)") }
        for version in refused { #expect(try !range.allows(.init(version)), "\(text): \(version)") }
    }

    @Test("What is no range", arguments: ["", "abc", ">=", "1.2.3.4", "1.2 ||", "=>1", "1.x.3", "1.2.3-"])
    func malformed(text: String) { #expect(throws: VersionRangeError.self) { try VersionRange(text) } }
}
