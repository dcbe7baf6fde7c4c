import ContainerImage
import KbldConfiguration
import KubernetesYAML
import Testing

@Suite("Config documents among resources")
struct ExtractionTests {
    @Test(
        "documents of the known kinds are taken out",
        arguments: ["Config", "Sources", "ImageOverrides", "ImageDestinations", "ImageKeys"]
    )
    func knownKinds(kind: String) throws {
        let result = try extract(
            "apiVersion: kbld.k14s.io/v1alpha1\nkind: \(kind)\nkeys: [sidecar]\n---\nimage: nginx\n"
        )
        #expect(result.configuration.keys == ["sidecar"])
        #expect(result.resources.map(\.value) == [.map(["image": .string("nginx")])])
    }

    @Test(
        "everything else is a resource",
        arguments: [
            "apiVersion: kbld.k14s.io/v1alpha1\nkind: Nope\n",
            "apiVersion: kbld.k14s.io/v1\nkind: Config\n",
            "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\n",
            "kind: Config\n",
        ]
    )
    func resources(text: String) throws {
        let result = try extract(text)
        #expect(result.configuration == Configuration())
        #expect(result.resources.count == 1)
    }

    @Test("several documents add up in their order, resources keep theirs")
    func merging() throws {
        let result = try extract(
            """
            apiVersion: kbld.k14s.io/v1alpha1
            kind: Config
            searchRules: [{keyMatcher: {name: a}}]
            ---
            first: 1
            ---
            apiVersion: kbld.k14s.io/v1alpha1
            kind: ImageKeys
            keys: [k]
            ---
            second: 2
            ---
            apiVersion: kbld.k14s.io/v1alpha1
            kind: Config
            searchRules: [{keyMatcher: {name: b}}, {keyMatcher: {name: a}}]
            overrides: [{image: x, newImage: yy}]
            """
        )
        let names = result.configuration.rules.map(\.keyMatcher)
        #expect(names == [.name("k"), .name("a"), .name("b"), .name("image"), .imageVolume])
        #expect(result.configuration.override(for: "x")?.newImage == "yy")
        #expect(result.resources.map { $0.value.mapValue?.keys.first } == ["first", "second"])
    }

    @Test("fields that aren't known are passed over, in any place but a builder's options")
    func unknownFields() throws {
        let configuration = try config(
            """
            nope: 1
            overrides: [{image: a, newImage: b, nope: 2}]
            searchRules: [{keyMatcher: {name: a, nope: 3}, nope: 4}]
            sources: [{image: a, path: b, nope: 5}]
            """
        )
        #expect(configuration.overrides == [ImageOverride(matcher: .image("a"), newImage: "b")])
        #expect(configuration.searchRules == [SearchRule(keyMatcher: .name("a"))])
        #expect(configuration.sources == [BuildSource(matcher: .image("a"), path: "b")])
    }

    @Test("null is as good as nothing, a number as good as its text, a name's capitals don't matter")
    func leniency() throws {
        let configuration = try config("overrides: [{image: 1, newimage: 2, tagSelection: null}]\nsources: null\n")
        #expect(configuration.overrides == [ImageOverride(matcher: .image("1"), newImage: "2")])
    }

    @Test(
        "a minimum version that is met",
        arguments: ["0.43.0", "0.30.0", "0.9.1", "0.43.0-rc.1", "0.43", "0", "0.43.0+b.1"]
    )
    func minimumVersion(version: String) throws {
        #expect(try refusal(of: "minimumRequiredVersion: '\(version)'\n") == nil)
    }

    @Test(
        "a minimum version that isn't met or isn't one",
        arguments: [
            ("0.44.0", "does not meet the minimum required version '0.44.0'"),
            ("1.0.0", "kbld 0.43.0 does not meet"),
            ("v0.1.0", "must not have the prefix 'v'"),
            ("soon", "'soon' is not a version"),
        ]
    )
    func minimumVersionRefused(version: String, message: String) throws {
        let error = try #require(try refusal(of: "minimumRequiredVersion: \(version)\n"))
        #expect(error.field == "minimumRequiredVersion")
        #expect(error.description.contains(message))
    }

    @Test(
        "what is wrong is named with its field",
        arguments: [
            ("overrides: [{newImage: x}]", "overrides[0]", "image or imageRepo"),
            ("overrides: [{image: x}]", "overrides[0]", "newImage"),
            ("overrides: [{image: '', newImage: x}]", "overrides[0]", "image or imageRepo"),
            ("overrides: [{image: x, newImage: yy}, {image: x, newImage: []}]", "overrides[1].newImage", "a text"),
            ("overrides: [{image: x, newImage: yy, preresolved: 1}]", "overrides[0].preresolved", "true or false"),
            ("overrides: {image: x}", "overrides", "a list"),
            ("overrides: [x]", "overrides[0]", "a map"),
            ("overrides: [{image: x, newImage: yy, tagSelection: {}}]", "overrides[0].tagSelection", "semver"),
            (
                "overrides: [{image: x, newImage: yy, tagSelection: {semver: {constraints: '>>1.0.0'}}}]",
                "overrides[0].tagSelection.semver.constraints", "'>>' in '>>1.0.0' is none of"
            ),
            ("destinations: [{newImage: x}]", "destinations[0]", "image or imageRepo"),
            ("destinations: [{imageRepo: x}]", "destinations[0]", "newImage"),
            ("destinations: [{image: x, tags: x}]", "destinations[0].tags", "a list"),
            ("destinations: [{image: x, tags: ['bad tag']}]", "destinations[0].tags", "'bad tag'"),
            ("keys: [a, '']", "keys[1]", "a key"),
            ("searchRules: [{updateStrategy: {none: {}}}]", "searchRules[0]", "keyMatcher or valueMatcher"),
            ("searchRules: [{keyMatcher: {}}]", "searchRules[0].keyMatcher", "name or path"),
            ("searchRules: [{keyMatcher: {path: []}}]", "searchRules[0].keyMatcher", "name or path"),
            ("searchRules: [{keyMatcher: {path: [a, {}]}}]", "searchRules[0].keyMatcher.path[1]", "{allIndexes: true}"),
            (
                "searchRules: [{keyMatcher: {path: [a, {index: x}]}}]", "searchRules[0].keyMatcher.path[1].index",
                "counted from 0"
            ),
            ("searchRules: [{valueMatcher: {}}]", "searchRules[0].valueMatcher", "image or imageRepo"),
            (
                "searchRules: [{keyMatcher: {name: a}, updateStrategy: {}}]", "searchRules[0].updateStrategy",
                "none, entireValue, json or yaml"
            ),
            (
                "searchRules: [{keyMatcher: {name: a}, updateStrategy: {json: {searchRules: [{keyMatcher: {}}]}}}]",
                "searchRules[0].updateStrategy.json.searchRules[0].keyMatcher", "name or path"
            ),
        ]
    )
    func faults(sections: String, field: String, message: String) throws {
        let error = try #require(try refusal(of: sections))
        #expect(error.field == field)
        #expect(error.description.contains(message))
        #expect(error.description.hasPrefix("conf.yml, document "))
        #expect(error.kind == "Config")
    }
}
