import ImageBuild
import Testing

@Suite("Lines of what programs print")
struct LineSplitterTests {
    /// The lines of what comes in these reads; a part that doesn't end its line has a `…` behind it.
    private func lines(of reads: [[UInt8]]) -> [String] {
        var splitter = LineSplitter()
        var pieces: [LineSplitter.Piece] = []
        for read in reads { pieces += read.withUnsafeBytes { splitter.pieces(of: $0) } }
        if let last = splitter.last() { pieces.append(last) }
        return pieces.map { $0.text + ($0.endsLine ? "" : "…") }
    }

    @Test(
        "A line ends in a line feed, a carriage return, or both, wherever reads are cut",
        arguments: [
            (["one\ntwo\n"], ["one", "two"]), (["one\rtwo\r\nthree"], ["one", "two", "three"]),
            (["one\r", "\ntwo"], ["one", "two"]), (["one\n", "\n\rtwo"], ["one", "", "", "two"]),
            (["on", "e\ntw", "o"], ["one", "two"]), (["", "\n"], [""]), ([], []), ([""], []),
            (["one\r", "two\n"], ["one", "two"]), (["one\r\r\n"], ["one", ""]),
        ] as [([String], [String])]
    )
    func ends(reads: [String], expected: [String]) {
        #expect(lines(of: reads.map { Array($0.utf8) }) == expected)
        // The same, a byte at a time.
        #expect(lines(of: reads.joined().utf8.map { [$0] }) == expected)
    }

    @Test("A character that comes in two reads is one; a byte that is none is replaced")
    func characters() {
        #expect(lines(of: [[0xC3], [0xA9, 0x0A], [0xFF]]) == ["\u{E9}", "\u{FFFD}"])
    }

    @Test("A very long line is cut into parts, between characters", arguments: 0..<4)
    func length(shift: Int) {
        let text = String(repeating: "x", count: shift) + String(repeating: "\u{20AC}", count: 100_000)
        let parts = lines(of: [Array(text.utf8)])
        #expect(parts.count == 5 && parts.dropLast().allSatisfy { $0.hasSuffix("…") && !$0.contains("\u{FFFD}") })
        #expect(parts.allSatisfy { $0.utf8.count <= LineSplitter.longest + "…".utf8.count })
        #expect(parts.map { $0.replacing("…", with: "") }.joined() == text)
    }
}
