import KbldConfiguration
import KubernetesYAML
import Resolution
import Testing

@Suite("Finding and replacing references")
struct ReferenceSearchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The `searchRules` of a config document.
        var rules = "[]"
        var input: String
        var found: [String]
        /// The input with `new/` before every reference; nil for no difference.
        var output: String?
    }

    static let cases = [
        Case(
            testDescription: "the key image, at any depth",
            input: "{a: {image: x}, b: [{image: yy}], image: z}",
            found: ["x", "yy", "z"],
            output: "{a: {image: new/x}, b: [{image: new/yy}], image: new/z}"
        ),
        Case(
            testDescription: "an empty reference is found too",
            input: "{image: ''}",
            found: [""],
            output: "{image: new/}"
        ),
        Case(
            testDescription: "an image that is not a string is not a reference",
            input: "{a: {image: 5}, image: null}",
            found: []
        ),
        Case(
            testDescription: "in a map or list under image the search goes on",
            input: "{image: {image: x, tag: yy}, b: {image: [z, {image: w}]}}",
            found: ["w", "x"],
            output: "{image: {image: new/x, tag: yy}, b: {image: [z, {image: new/w}]}}"
        ),
        Case(testDescription: "a key that only begins like it", input: "{images: x, Image: yy}", found: []),
        Case(testDescription: "a document that is a text", input: "nginx", found: []),
        Case(
            testDescription: "a rule by name, in addition to the key image",
            rules: "[{keyMatcher: {name: sidecar}}]",
            input: "{sidecar: x, image: yy, other: z}",
            found: ["yy", "x"],
            output: "{sidecar: new/x, image: new/yy, other: z}"
        ),
        Case(
            testDescription: "a rule by path counts from the root",
            rules: "[{keyMatcher: {path: [spec, runner]}}]",
            input: "{spec: {runner: x, other: yy}, runner: z, a: {spec: {runner: w}}}",
            found: ["x"],
            output: "{spec: {runner: new/x, other: yy}, runner: z, a: {spec: {runner: w}}}"
        ),
        Case(
            testDescription: "a path over all indexes",
            rules: "[{keyMatcher: {path: [args, {allIndexes: true}]}}]",
            input: "{args: [x, yy, [z]], more: [w]}",
            found: ["x", "yy"],
            output: "{args: [new/x, new/yy, [z]], more: [w]}"
        ),
        Case(
            testDescription: "a path over one index",
            rules: "[{keyMatcher: {path: [{index: 1}, {index: 0}, a]}}]",
            input: "[{a: x}, [{a: yy}, {a: z}]]",
            found: ["yy"],
            output: "[{a: x}, [{a: new/yy}, {a: z}]]"
        ),
        Case(
            testDescription: "a rule by the value, in maps and lists",
            rules: "[{valueMatcher: {image: 'x:1'}}]",
            input: "{a: 'x:1', b: ['x:1', yy], c: 'x:2'}",
            found: ["x:1", "x:1"],
            output: "{a: new/x:1, b: [new/x:1, yy], c: 'x:2'}"
        ),
        Case(
            testDescription: "a rule by the repository",
            rules: "[{valueMatcher: {imageRepo: r/x}}]",
            input: "{a: 'r/x:1', b: 'r/x@sha256:aa', c: r/xy, d: r/x, e: 5}",
            found: ["r/x:1", "r/x@sha256:aa", "r/x"],
            output: "{a: new/r/x:1, b: 'new/r/x@sha256:aa', c: r/xy, d: new/r/x, e: 5}"
        ),
        Case(
            testDescription: "key and value must both match",
            rules: "[{keyMatcher: {name: a}, valueMatcher: {imageRepo: x}}]",
            input: "{a: 'x:1', b: 'x:1', c: {a: yy}}",
            found: ["x:1"],
            output: "{a: new/x:1, b: 'x:1', c: {a: yy}}"
        ),
        Case(
            testDescription: "the strategy none keeps a value",
            rules: "[{keyMatcher: {name: image}, updateStrategy: {none: {}}}]",
            input: "{image: x, a: {image: {image: yy}}}",
            found: []
        ),
        Case(
            testDescription: "the first rule that matches decides",
            rules: "[{valueMatcher: {image: x}, updateStrategy: {none: {}}}, {keyMatcher: {name: a}}]",
            input: "{a: x, b: {a: yy}}",
            found: ["yy"],
            output: "{a: x, b: {a: new/yy}}"
        ),
    ]

    @Test("references", arguments: cases)
    func references(example: Case) throws {
        let search = try search(example.rules)
        let input = try value(example.input)
        #expect(search.collect(in: input) == example.found)
        let output = search.replace(in: input) { reference in "new/" + reference }
        #expect(output == (try value(example.output ?? example.input)))
    }

    @Test(
        "volumes that are images have references, wherever pods are described, and nothing else that looks alike",
        arguments: [
            (
                "{spec: {volumes: [{name: a, image: {reference: m, pullPolicy: Always}}, {image: {reference: p}}]}}",
                ["m", "p"]
            ),
            ("{spec: {jobTemplate: {spec: {template: {spec: {volumes: [{image: {reference: m}}]}}}}}}", ["m"]),
            ("{volumes: [{image: {reference: m}}], containers: [{image: c}]}", ["c", "m"]),
            ("{volumes: {image: {reference: m}}}", []), ("{volumes: [[{image: {reference: m}}]]}", []),
            ("{volumes: [{image: {a: {reference: m}}}]}", []), ("{volume: [{image: {reference: m}}]}", []),
            ("{volumes: [{image: [{reference: m}]}]}", []), ("{volumes: [{reference: m, image: m2}]}", ["m2"]),
            ("{volumes: [{image: {reference: [m]}}]}", []), ("{image: {reference: m}}", []),
            ("{volumes: [{a: {volumes: [{image: {reference: m}}]}, image: {reference: p}}]}", ["m", "p"]),
        ]
    )
    func imageVolumes(input: String, found: [String]) throws {
        let search = try search("[]")
        let input = try value(input)
        #expect(search.collect(in: input) == found)
        let output = search.replace(in: input) { reference in "new/" + reference }
        #expect(search.collect(in: output) == found.map { "new/" + $0 })
    }

    @Test("a rule may leave volumes alone")
    func volumesLeftAlone() throws {
        let search = try search("[{keyMatcher: {name: reference}, updateStrategy: {none: {}}}]")
        #expect(search.collect(in: try value("{volumes: [{image: {reference: m}}], image: c}")) == ["c"])
    }

    @Test("what the replacement throws comes through")
    func failure() throws {
        struct Failure: Error, Equatable {
            var reference: String
        }
        let search = try search("[]")
        let input = try value("{a: [{image: x}]}")
        #expect(throws: Failure(reference: "x")) {
            try search.replace(in: input) { reference in throw Failure(reference: reference) }
        }
    }

    @Test("the work is in proportion to the document", .timeLimit(.minutes(1)))
    func largeDocument() throws {
        let search = try search("[{keyMatcher: {path: [items, {allIndexes: true}, spec, runner]}}]")
        let item = try value(
            "{kind: A, metadata: {name: n, labels: {a: b, c: d}}, spec: {containers: [{image: x, args: [a, b, c]}]}}"
        )
        let list = YAMLValue.map(["items": .list(Array(repeating: item, count: 50_000))])
        let found = search.collect(in: list)
        #expect(found.count == 50_000)
        let replaced = search.replace(in: list) { reference in reference + ":1" }
        #expect(search.collect(in: replaced).allSatisfy { $0 == "x:1" })
    }
}

/// The search of a config document with these rules.
func search(_ rules: String) throws -> ReferenceSearch {
    let text = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\nsearchRules: \(rules)\n"
    let documents = try YAMLReader.documents(in: Array(text.utf8), file: "conf.yml")
    let extracted = try Configuration.extract(from: documents, version: try SemanticVersion("0.43.0"))
    return ReferenceSearch(rules: extracted.configuration.rules)
}

/// The one document of a text.
func value(_ text: String) throws -> YAMLValue {
    try #require(try YAMLReader.values(in: text, file: "in.yml").first)
}
