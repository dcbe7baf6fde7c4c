import FoundationEssentials
import KbldWorkflows
import Testing

@Suite("The time that pages and signatures bear")
struct SourceDateTests {
    @Test("A number of seconds is taken")
    func number() throws {
        #expect(try SourceDate.date(["SOURCE_DATE_EPOCH": "1709164800"]).timeIntervalSince1970 == 1_709_164_800)
    }

    @Test(
        "What is no number of seconds of these times is refused",
        arguments: ["abc", "1.5", "-1", "99999999999999999"]
    )
    func others(text: String) {
        #expect(throws: SourceDateError.self) { try SourceDate.date(["SOURCE_DATE_EPOCH": text]) }
    }
}
