import RegistryClient
import Testing

@Suite("The Link header")
struct LinkHeaderTests {
    @Test(
        "the next page is found in all the forms that registries write",
        arguments: [
            #"</v2/a/tags/list?last=b&n=1>; rel="next""#,
            #"</v2/a/tags/list?last=b&n=1>;rel=next"#,
            #"</v2/a/tags/list?last=b&n=1> ; rel = "next" "#,
            #"</v2/a/tags/list?last=b&n=1>; REL="Next""#,
            #"</v2/a/tags/list?last=b&n=1>; rel='next'"#,
            #"</v2/a/tags/list?last=b&n=1>; rel="last next""#,
            #"</v2/a/tags/list?last=b&n=1>; title="a; b, <c>\""; rel="next""#,
            #"</v2/a/tags/list?last=b&n=1>"#,
            #"< /v2/a/tags/list?last=b&n=1 >; rel="next""#,
            #"/v2/a/tags/list?last=b&n=1; rel="next""#,
            #"/v2/a/tags/list?last=b&n=1"#,
            #"</x>; rel="first", </v2/a/tags/list?last=b&n=1>; rel="next""#,
            #"</x>, </v2/a/tags/list?last=b&n=1>; rel="next""#,
            #"/x; rel=prev, /v2/a/tags/list?last=b&n=1; rel=next,"#,
            #",, </v2/a/tags/list?last=b&n=1>; rel="next"; rel="prev""#,
            #"</v2/a/tags/list?last=b&n=1>;; foo; rel="next""#,
        ]
    )
    func forms(value: String) throws {
        #expect(try LinkHeader([value]).next == "/v2/a/tags/list?last=b&n=1")
        #expect(try LinkHeader([#"</x>; rel="prev""#, value]).next == "/v2/a/tags/list?last=b&n=1")
    }

    @Test(
        "other relations are the end of a list",
        arguments: [
            [], [""], [" "], [#"</x>; rel="prev""#], [#"</x>; rel="nextish""#], [#"</x>; rel="http://a/next""#],
            [#"</x>; rel="prev"; title="rel=next""#], [#"</x>; rel=prev, </y>; rel=first"#], [#"</x>; rel="""#],
        ] as [[String]]
    )
    func ends(values: [String]) throws {
        #expect(try LinkHeader(values).next == nil)
    }

    @Test(
        "what can't be read is an error, not the end of a list",
        arguments: [
            "<", "</x", "next", #"rel="next""#, #"</x>; rel="next"#, #"</x> rel="next""#, #"</x>; rel="a"b"#,
            "{\"next\":\"/x\"}", #"v2/x; rel="next""#, "ftp://h/x; rel=next", "</x>; rel=last next",
        ]
    )
    func unreadable(value: String) {
        #expect(throws: LinkHeaderError.self) { try LinkHeader([value]) }
    }

    @Test(
        "80 KB are read at once, whatever is in them",
        arguments: [" ", "<", ">", ";", ",", "\"", "\\", "=", "</x>;", "</x>;rel=", "</x>; rel=a,", "e\u{301}"]
    )
    func length(piece: String) {
        let text = String(repeating: piece, count: 80_000 / piece.utf8.count)
        let time = ContinuousClock().measure {
            _ = try? LinkHeader([text])
            _ = try? LinkHeader(["</x>; rel=" + text])
            _ = try? LinkHeader(["</x>; rel=\"" + text])
        }
        #expect(time < .seconds(2))
    }
}
