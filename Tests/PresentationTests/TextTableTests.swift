import Presentation
import Testing

@Suite("Tables")
struct TextTableTests {
    private static let columns = [
        TextTable.Column("Image", .name), TextTable.Column("Platform"), TextTable.Column("Size", .number),
    ]
    private static let rows = [
        ["registry.local/lib/application@sha256:0123456789ab", "linux/amd64", "1.8 KiB"],
        ["registry.local/app@sha256:0123456789ab", "", "298 B"],
    ]

    @Test("headings, aligned cells, totals last, no blanks at the end of a line")
    func layout() {
        let table = TextTable(Self.columns, rows: Self.rows, totals: ["2 images", "", "2.1 KiB"])
        #expect(
            table.text() == """
                IMAGE                                               PLATFORM        SIZE
                registry.local/lib/application@sha256:0123456789ab  linux/amd64  1.8 KiB
                registry.local/app@sha256:0123456789ab                             298 B
                ------------------------------------------------------------------------
                2 images                                                         2.1 KiB

                """
        )
    }

    @Test("on a terminal, names give up their beginning, no line is longer", arguments: [72, 65, 60, 40])
    func narrow(width: Int) {
        let lines = TextTable(Self.columns, rows: Self.rows).text(width: width).split(separator: "\n")
        #expect(lines.map(\.count).max() == width && lines.count == 3)
        #expect(lines[1].contains("456789ab  linux/amd64  1.8 KiB"))
        #expect(lines[1].hasPrefix("…") == (width < 65))
        #expect(
            lines[1].contains("@sha256:") == (width == 72) && lines[1].contains("@0123") == (width < 72)
        )
    }

    @Test("names stay readable where nothing fits, and cells of numbers and texts whole")
    func tiny() {
        let text = TextTable(Self.columns, rows: Self.rows).text(width: 10)
        #expect(text.contains("…123456789ab  linux/amd64  1.8 KiB\n"))
    }

    @Test("sentences go on in further lines")
    func prose() {
        let table = TextTable(
            [TextTable.Column("Subject", .name), TextTable.Column("Finding", .prose)],
            rows: [["layers/a", "its bytes have another digest than they should"], ["b", "short"]]
        )
        #expect(
            table.text(width: 34) == """
                SUBJECT   FINDING
                layers/a  its bytes have another
                          digest than they should
                b         short

                """
        )
        #expect(table.text().split(separator: "\n").count == 3)
    }

    @Test("a table without anything is nothing, one with totals alone isn't")
    func empty() {
        #expect(TextTable(Self.columns, rows: []).text(width: 80) == "")
        #expect(
            TextTable(Self.columns, rows: [], totals: ["0 images", "", "0 B"]).text().hasSuffix(
                "\n0 images             0 B\n"
            )
        )
    }
}
