import RegistryMirroring
import Testing

@Suite("Times of backups")
struct BackupTimeTests {
    @Test(
        "A day counts to its end in UTC; a time has a zone",
        arguments: [
            ("2026-11-01", "2026-11-01T23:59:59Z"), ("2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z"),
            ("2026-11-02T01:30:00+02:00", "2026-11-01T23:30:00Z"),
            ("2026-12-31T20:00:00.9-05:30", "2027-01-01T01:30:00Z"), ("2024-02-29", "2024-02-29T23:59:59Z"),
        ]
    )
    func given(text: String, time: String) {
        #expect(BackupTime(given: text)?.text == time)
    }

    @Test(
        "What is no day or no time of the calendar is refused",
        arguments: [
            "2026-02-30", "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-11-00", "2026-11-1",
            "yesterday", "",
            "2026-11-01T12:00:00", "2026-11-01T24:00:00Z", "2026-11-01T12x00x00Z", "2026-11-01T12:00:00+-2:00",
            "2026-11-01T12:00:00+25:00", "2026-11-01T12:00:00+02:60", "2026/11/01",
        ]
    )
    func refused(text: String) {
        #expect(BackupTime(given: text) == nil)
    }

    @Test("A file is called by its time, and others aren't backups")
    func names() throws {
        let time = try #require(BackupTime(given: "2026-11-28T20:15:03Z"))
        #expect(time.fileName == "20261128T201503Z" && BackupTime(fileName: time.fileName + "-2") == time)
        for name in ["20260230T000000Z", "20261128201503Z", "20261128T201503", "latest", "20261128T206003Z"] {
            #expect(BackupTime(fileName: name) == nil, "\(name)")
        }
    }
}
