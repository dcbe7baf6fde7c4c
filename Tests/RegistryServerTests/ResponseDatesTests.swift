import LibC
import RegistryServer
import Testing

@Suite("Dates of responses")
struct ResponseDatesTests {
    @Test(
        "A date has the form of RFC 9110",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        ] as [(time_t, String)]
    )
    func form(second: time_t, text: String) {
        #expect(ResponseDates.text(second) == text)
    }

    @Test("It is the present one")
    func present() {
        let before = time(nil)
        let text = ResponseDates().now
        #expect((before...time(nil)).map(ResponseDates.text).contains(text), "\(text)")
    }
}
