import ContainerImage
import Testing

@Suite("Texts with hints")
struct HintedTextTests {
    private struct Plain: Error, CustomStringConvertible { let description = "no room" }

    private struct Wrapped: HintedError {
        let cause: any Error
        var message: HintedText { "Copying: \(cause)" }
    }

    private struct Several: MultilineError {
        let causes: [any Error]
        var lines: [HintedText] { causes.flatMap { [HintedText](describing: $0) } }
    }

    private static func worded(_ text: HintedText) -> String { text.text { "<\($0)>" } }

    private static let hinted: HintedText = "it fails\(hint: .logIn, after: " (", before: ")"); so \(1 + 1)"

    @Test("A hint stands where it was put, with what joins it to the text")
    func place() {
        #expect(Self.worded(Self.hinted) == "it fails (<logIn>); so 2")
        #expect(Self.worded("\(hint: .resolve)") == "<resolve>")
    }

    @Test("Without words a hint goes, and what joins it to the text goes with it")
    func plain() {
        #expect(Self.hinted.description == "it fails; so 2")
        #expect(Self.hinted.text { $0 == .logIn ? nil : "" } == "it fails; so 2")
    }

    @Test("What is interpolated brings its hints along, at any depth")
    func nesting() throws {
        let refusal = #expect(throws: ReferenceError.self) { try DigestReference("r.example.com/app:1") }
        let error = Wrapped(cause: Wrapped(cause: try #require(refusal)))
        #expect(HintedText(describing: error).hints == [.resolve])
        let given: HintedText = "(\(Self.hinted), \(error))"
        #expect(given.hints == [.logIn, .resolve])
        #expect(Self.worded(given).hasSuffix("resolve it first, <resolve>)"))
    }

    @Test("An error without a hint is its description")
    func plainError() {
        #expect(HintedText(describing: Plain()).description == "no room")
        #expect(Wrapped(cause: Plain()).description == "Copying: no room")
    }

    @Test("An error of several lines is one text where it is a cause")
    func lines() {
        let error = Several(causes: [Plain(), Several(causes: [Plain(), Wrapped(cause: Plain())])])
        #expect(error.lines.map(\.description) == ["no room", "no room", "Copying: no room"])
        #expect(Wrapped(cause: error).description == "Copying: no room\nno room\nCopying: no room")
    }

    @Test("Equal texts are equal however they were put together")
    func equality() {
        #expect("a" + "b\("c")" as HintedText == "abc")
        #expect(HintedText("") + "a" == "a")
        #expect(Self.hinted != HintedText(Self.hinted.description))
    }
}
