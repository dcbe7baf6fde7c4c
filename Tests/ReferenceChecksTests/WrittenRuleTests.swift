import ContainerImage
import KbldConfiguration
import ReferenceChecks
import Testing

@Suite("Rules about what is written")
struct WrittenRuleTests {
    private let first = Sample.digests[0]
    private let second = Sample.digests[1]

    private func report(_ settings: CheckSettings, _ texts: String...) throws -> CheckReport {
        ReferenceCheck(settings).report(
            on: try texts.enumerated().map { try Sample.reference($1, line: $0 + 1) }
        )
    }

    @Test("Unpinned is what has no digest, and no entry in a lock")
    func unpinned() throws {
        var settings = Sample.settings(.unpinned)
        #expect(
            try report(settings, "nginx:1.27", "nginx:1.27@\(first)", "nginx").places == [
                "KBLD001 app.yml:1", "KBLD001 app.yml:3",
            ]
        )
        let entry = ImageOverride(
            matcher: .image("docker.io/library/nginx:1.27"),
            newImage: "nginx@\(first)",
            preresolved: true
        )
        settings.lock = ReferenceLock(path: "kbld.lock.yml", overrides: [entry])
        #expect(try report(settings, "nginx:1.27", "nginx").places == ["KBLD001 app.yml:2"])
    }

    @Test("Latest is the tag or none, with a digest or without")
    func latest() throws {
        let found = try report(
            Sample.settings(.latest),
            "nginx:1.27",
            "nginx",
            "nginx:latest",
            "nginx:latest@\(first)",
            "nginx@\(first)"
        )
        #expect(
            found.messages == [
                "no tag, which means latest", "the tag is latest", "the tag is latest", "no tag",
            ]
        )
        #expect(found.findings.allSatisfy { $0.level == .note })
    }

    @Test("One tag with two digests, and a repository that is pinned here and not there, are inconsistent")
    func inconsistent() throws {
        let found = try report(
            Sample.settings(.inconsistent),
            "nginx:1.27@\(first)",
            "docker.io/library/nginx:1.27@\(second)",
            "nginx:1.28@\(second)",
            "nginx:1.27",
            "redis:7"
        )
        #expect(
            found.messages == [
                "1.27 is \(second) here, but \(first) in app.yml:1", "pinned in app.yml:1, but not here",
            ]
        )
    }

    @Test("A lock must have what isn't pinned, and the digests of what is")
    func lock() throws {
        var settings = Sample.settings(.lock)
        settings.lock = ReferenceLock(
            path: "kbld.lock.yml",
            overrides: [
                ImageOverride(matcher: .image("nginx:1.27"), newImage: "nginx@\(first)", preresolved: true),
                ImageOverride(matcher: .image("redis:7"), newImage: "redis:8"),
            ]
        )
        let found = try report(
            settings,
            "nginx:1.27",
            "nginx:1.27@\(first)",
            "nginx:1.27@\(second)",
            "redis:7",
            "redis:7@\(first)"
        )
        #expect(found.messages == ["'kbld.lock.yml' has \(first)", "'kbld.lock.yml' has no entry for it"])
        #expect(found.findings.map(\.region.line) == [3, 4])
    }

    @Test("An entry of a lock that no file has a reference for is reported where it is in the lock")
    func unusedEntries() throws {
        func entry(_ matcher: ImageMatcher, _ digest: Digest) -> ImageOverride {
            ImageOverride(matcher: matcher, newImage: "r.io/x@\(digest)", preresolved: true)
        }
        let entries = [
            entry(.image("nginx:1.27"), Sample.digests[0]), entry(.image("nginx:1.28"), Sample.digests[1]),
            entry(.image("r.io/x:1"), Sample.digests[2]), entry(.imageRepo("r.io/y"), Sample.digests[3]),
            entry(.image("r.io/gone"), Sample.digests[3]), entry(.imageRepo("r.io/z"), Sample.digests[3]),
            entry(.image("r.io/ignored:1"), Sample.digests[3]),
        ]
        var settings = Sample.settings(.lock)
        settings.lock = ReferenceLock(path: "kbld.lock.yml", overrides: entries) { text in
            SourceRegion(line: text.count, columns: 1..<2)
        }
        settings.ignored = [try IgnoredFinding("KBLD012:r.io/ignored")]
        let found = try report(
            settings,
            "nginx:1.27",
            "docker.io/library/nginx:1.28@\(Sample.digests[1])",
            "r.io/x@\(Sample.digests[2])",
            "r.io/y:3"
        )
        #expect(found.places == ["KBLD012 kbld.lock.yml:6", "KBLD012 kbld.lock.yml:9"])
        #expect(found.findings.map(\.reference) == ["r.io/z", "r.io/gone"])
    }

    @Test("Templates, texts that are none, and texts where none are looked for are told apart")
    func others() throws {
        let contents: [CheckedReference.Content] = [.interpolated, .invalid("why"), .overlooked]
        let references = contents.enumerated().map { line, content in
            CheckedReference(
                path: "app.yml",
                region: SourceRegion(line: line + 1, columns: 1..<2),
                text: "x",
                content: content
            )
        }
        let found = ReferenceCheck(Sample.settings(.uncheckable, .overlooked, .unpinned)).report(on: references)
        #expect(found.places == ["KBLD013 app.yml:1", "KBLD013 app.yml:2", "KBLD015 app.yml:3"])
        #expect(found.referenceCount == 2)
    }

    @Test("Comments, names and rules turn findings off, and levels can be set")
    func ignored() throws {
        var settings = Sample.settings(.unpinned, .latest)
        settings.levels = [.latest: .error]
        settings.ignored = try ["KBLD002:docker.io/library/*", "*:registry.local/**"].map { try IgnoredFinding($0) }
        let references = [
            try Sample.reference("nginx"), try Sample.reference("registry.local/a/b"),
            try Sample.reference("ghcr.io/a/b", ignored: [.unpinned]),
        ]
        let found = ReferenceCheck(settings).report(on: references)
        #expect(
            found.findings.map { "\($0.rule.id) \($0.name) \($0.level)" } == [
                "KBLD001 docker.io/library/nginx error", "KBLD002 ghcr.io/a/b error",
            ]
        )
        #expect(throws: CheckSettingError.self) { try IgnoredFinding("drfit") }
        #expect(throws: CheckSettingError.self) { try IgnoredFinding("drift:") }
    }

    @Test(
        "Patterns of names",
        arguments: [
            ("docker.io/library/*", "docker.io/library/nginx", true), ("docker.io/*", "docker.io/library/nginx", false),
            ("docker.io/**", "docker.io/library/nginx", true), ("**", "a/b", true), ("a?c", "abc", true),
            ("a?c", "a/c", false), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false), ("", "a", false),
        ]
    )
    func patterns(pattern: String, name: String, fits: Bool) {
        #expect(NamePattern(pattern).matches(name) == fits)
    }

    @Test("A package must have the image, under its name or as a digest of one that tells no names")
    func package() throws {
        var settings = Sample.settings(.absent)
        let nginx = DigestReference(repository: try Repository("nginx"), digest: first)
        settings.package = PackagedImages(
            name: "images.tar",
            references: [nginx],
            tags: [.tag(try Repository("redis"), try Tag("7")): second]
        )
        let found = try report(settings, "nginx:1@\(first)", "nginx@\(second)", "redis:7", "redis:8")
        #expect(
            found.messages == [
                "'images.tar' does not contain it", "'images.tar' does not contain it; it is not pinned",
            ]
        )
        settings.package?.digests = [second]
        #expect(try report(settings, "other@\(second)").findings.isEmpty)
    }
}
