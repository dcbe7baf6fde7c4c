import ReferenceChecks
import Testing

@Suite("Newer tags")
struct NewerTagTests {
    private static let tags = [
        "1", "2", "1.27", "1.27-alpine", "1.28", "1.28-alpine", "1.28-alpine3.19", "1.27.1", "1.27.10", "1.28.0-rc.1",
        "1.28.0", "2.0.0", "3.0.0-beta.2", "v1.2.3", "v1.3.0", "latest", "stable", "20240110", "20240501",
        "bookworm-20240110", "bookworm-20240501", "1.27.1-debian", "3.13.0a1", "3.13.0", "3.14.0rc2", "deadbee", "7c51",
    ]

    @Test(
        "They have the scheme and suffix of the tag, and are within the scope",
        arguments: [
            ("1.27", "minor", "1.28"), ("1.27", "patch", nil), ("1.27-alpine", "major", "1.28-alpine"),
            ("1.27.1", "patch", "1.27.10"), ("1.27.1", "minor", "1.28.0"), ("1.27.1", "major", "3.13.0"),
            ("1.27.1", ">=1.27.0 <1.28.0", "1.27.10"), ("1.28.0", "patch", nil), ("1.28.0-rc.1", "minor", "1.28.0"),
            ("1", "major", "2"), ("1", "minor", nil), ("v1.2.3", "minor", "v1.3.0"), ("v1.2.0", "patch", "v1.2.3"),
            ("20240110", "patch", "20240501"), ("bookworm-20240110", "minor", "bookworm-20240501"),
            ("20240110", ">=1.0.0", nil), ("latest", "major", nil), ("deadbee", "major", nil), ("7c50", "major", nil),
            ("3.13.0a1", "minor", "3.13.0"), ("1.27.1-debian", "major", nil),
        ] as [(String, String, String?)]
    )
    func newest(tag: String, scope: String, newest: String?) throws {
        #expect(NewerTags(try NewerTags.Scope(scope)).newest(of: Self.tags, after: tag) == newest)
    }

    @Test("Prereleases count when they are wanted")
    func prereleases() {
        let newer = NewerTags(.minor, prereleases: true)
        #expect(newer.newest(of: Self.tags, after: "3.13.0") == "3.14.0rc2")
        #expect(
            newer.newest(of: ["2.0.0-rc.9", "2.0.0-rc.10", "2.0.0-beta.11"], after: "2.0.0-alpha") == "2.0.0-rc.10"
        )
    }

    @Test("Scopes and ages that are none say what there is", arguments: ["majro", "1.x.y"])
    func scopes(text: String) {
        #expect(throws: CheckSettingError.self) { try NewerTags.Scope(text) }
    }

    @Test("Ages are numbers with a unit")
    func ages() throws {
        #expect(try AgeLimit("180d").seconds == 180 * 86400)
        #expect(try AgeLimit("6mo").seconds == AgeLimit.standard.seconds)
        for text in ["6 months", "", "d", "0d", "-1d", "99999999999999999999d", "1m"] {
            #expect(throws: CheckSettingError.self) { try AgeLimit(text) }
        }
    }

    @Test("Dates are those of RFC 3339, and those that builds make up are told")
    func dates() {
        #expect(Timestamp("2024-05-01T12:00:00.123456789Z")?.description == "2024-05-01")
        #expect(Timestamp("2024-02-29T23:30:00-01:00")?.description == "2024-03-01")
        #expect(Timestamp("1970-01-01T00:00:00Z")?.seconds == 0)
        #expect(Timestamp("0001-01-01T00:00:00Z")?.description == "0001-01-01")
        for text in ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1980-01-01T00:00:01Z"] {
            #expect(Timestamp(text)?.isPlausible == false)
        }
        for text in ["", "2024-05-01", "2024-13-01T00:00:00Z", "yesterday", "2024-05-01T12:00:00"] {
            #expect(Timestamp(text) == nil)
        }
    }
}
