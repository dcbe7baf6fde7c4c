import RegistryClient
import Testing

@Suite("Retry-After")
struct RetryAfterTests {
    /// 1994-11-06 08:49:37 UTC, the date of the examples in RFC 9110, section 5.6.7.
    private static let date = 784_111_777

    @Test(
        "a number of seconds, or a date in any of the three forms of HTTP, is a time to wait",
        arguments: [
            ("120", 120), ("0", 0), ("-5", 0), ("99999999999999999999", Int.max),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 60), ("Sunday, 06-Nov-94 08:49:37 GMT", 60),
            ("Sun Nov  6 08:49:37 1994", 60), ("Sun, 06 Nov 1994 08:48:36 GMT", 0),
            ("Sun Nov 16 08:49:37 1994", 60 + 10 * 86_400), ("Wednesday, 06-Nov-02 08:49:37 GMT", 60 + 2922 * 86_400),
        ]
    )
    func times(value: String, seconds: Int) {
        #expect(RetryAfter.seconds(value, now: Self.date - 60) == seconds)
    }

    @Test("a year of two digits is at most 50 years ahead")
    func shortYears() {
        let now = 1_800_000_000  // 2027
        #expect(RetryAfter.seconds("Friday, 06-Nov-76 08:49:37 GMT", now: now).map { $0 > 49 * 365 * 86_400 } == true)
        #expect(RetryAfter.seconds("Sunday, 06-Nov-94 08:49:37 GMT", now: now) == 0)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "soon", "1.5", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
            "1994-11-06T08:49:37Z",
        ]
    )
    func nonsense(value: String) {
        #expect(RetryAfter.seconds(value, now: Self.date) == nil)
    }
}
