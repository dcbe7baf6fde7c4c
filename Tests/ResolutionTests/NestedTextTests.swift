import KbldConfiguration
import KubernetesYAML
import Resolution
import Testing

@Suite("References inside of strings")
struct NestedTextTests {
    static let json = "[{keyMatcher: {name: conf}, updateStrategy: {json: {searchRules: [{keyMatcher: {name: img}}]}}}]"
    static let yaml = "[{keyMatcher: {name: conf}, updateStrategy: {yaml: {searchRules: [{keyMatcher: {name: img}}]}}}]"

    /// Replaces the references of the string under `conf` and gives them with the string that comes of it.
    private func replaced(_ text: String, by rules: String) throws -> (found: [String], text: String?) {
        let search = try search(rules)
        let document = YAMLValue.map(["conf": .string(text), "img": .string("outside")])
        let result = search.replace(in: document) { reference in "new/" + reference }
        #expect(result["img"] == .string("outside"))
        return (search.collect(in: document), result["conf"]?.stringValue)
    }

    @Test(
        "JSON is written anew without white space, keys sorted",
        arguments: [
            (
                #"{"z": 1, "img": "x:1", "a": [1.50, true]}"#, ["x:1"],
                #"{"a":[1.5,true],"img":"new/x:1","z":1}"#
            ),
            (#"[{"img":"\u0078\/yy"}, null, -0.5, 1e2]"#, ["x/yy"], #"[{"img":"new/x/yy"},null,-0.5,100]"#),
            (#" {"other": {}} "#, [], #"{"other":{}}"#),
            (#"{"n": 123456789012345678901234567890}"#, [], #"{"n":123456789012345678901234567890}"#),
            (#"{"img": "\ud83d\ude80"}"#, ["🚀"], #"{"img":"new/🚀"}"#),
            (
                #"{"image": "the default rule is not for strings"}"#, [],
                #"{"image":"the default rule is not for strings"}"#
            ),
        ]
    )
    func jsonText(text: String, found: [String], output: String) throws {
        let result = try replaced(text, by: Self.json)
        #expect(result.found == found)
        #expect(result.text == output)
    }

    @Test(
        "what isn't JSON stays as it is",
        arguments: [
            "", " ", "img: x", "{img: x}", #"{"img": "x"} x"#, #"{"img": "x",}"#, #"{"img" "x"}"#, "[1 2]", "[01]",
            "[1.]",
            "[.5]", "[1e]", "[+1]", "[-]", "tru", #"["\x"]"#, #"["\u12"]"#, "[\"a\tb\"]", #"["a"#, "[NaN]", "[1e999]",
            String(repeating: "[", count: 100_000),
        ]
    )
    func noJSON(text: String) throws {
        let result = try replaced(text, by: Self.json)
        #expect(result.found == [])
        #expect(result.text == text)
    }

    @Test(
        "YAML is written anew with a mark before every document; JSON stays JSON",
        arguments: [
            ("img: x\n", ["x"], "---\nimg: new/x\n"),
            (
                "z: 1\n---\nimg: x\n---\na: {img: yy}\n", ["x", "yy"],
                "---\nz: 1\n---\nimg: new/x\n---\na:\n  img: new/yy\n"
            ),
            ("---\nimg: x\n---\n", ["x"], "---\nimg: new/x\n"),
            (#"{"img": "x"}"#, ["x"], #"{"img":"new/x"}"#),
            ("{\"img\": \"x\"}\n{\"a\": 1}", ["x"], "{\"img\":\"new/x\"}\n{\"a\":1}\n"),
            ("img: x\na: |\n  b", ["x"], "---\na: |\n  b\nimg: new/x\n"),
        ]
    )
    func yamlText(text: String, found: [String], output: String) throws {
        let result = try replaced(text, by: Self.yaml)
        #expect(result.found == found)
        #expect(result.text == output)
    }

    @Test("what isn't YAML stays as it is", arguments: ["{", "a: [", "", "# nothing\n", "a: 'b"])
    func noYAML(text: String) throws {
        let result = try replaced(text, by: Self.yaml)
        #expect(result.found == [])
        #expect(result.text == text)
    }

    @Test(
        "what has no reference stays as it is, to the byte: it may be a script, a certificate or a key",
        arguments: [
            "-----BEGIN CERTIFICATE-----\nMIIB\nwTCC\n-----END CERTIFICATE-----\n",
            "img: x\n-----BEGIN CERTIFICATE-----\nMIIB\n", "img: x\n---x\n", "---img: x\n", "---\nimg: x\n----\n",
            "#!/bin/sh\nset -e\necho hi\n", "a:   1 # kept\nb: [ 2 ]\n", "text\n---\nmore: 1\n", "{\"a\":  1}", " - x ",
            "ssh-ed25519 AAAAC3Nza me@host\n",
        ]
    )
    func withoutReferences(text: String) throws {
        let result = try replaced(text, by: Self.yaml)
        #expect(result.found == [])
        #expect(result.text == text)
    }

    @Test("strings may be nested in strings")
    func deeper() throws {
        let rules = """
            [{keyMatcher: {name: conf}, updateStrategy: {yaml: {searchRules: [
              {keyMatcher: {name: inner}, updateStrategy: {json: {searchRules: [{keyMatcher: {name: img}}]}}}]}}}]
            """
        let result = try replaced("path:\n- inner: '{\"img\": \"x\"}'\n", by: rules)
        #expect(result.found == ["x"])
        #expect(result.text == "---\npath:\n- inner: '{\"img\":\"new/x\"}'\n")
    }

    @Test("without rules of its own a strategy finds nothing, and writes anew all the same")
    func noRules() throws {
        let result = try replaced(#"{ "img": "x" }"#, by: "[{keyMatcher: {name: conf}, updateStrategy: {json: {}}}]")
        #expect(result.found == [])
        #expect(result.text == #"{"img":"x"}"#)
    }
}
