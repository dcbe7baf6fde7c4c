import LibC
import NIOHTTP1

/// How long a server asks to wait (RFC 9110, section 10.2.3): in seconds, or until a date.
package enum RetryAfter {
    /// The seconds to wait; nil if the header is missing or malformed.
    static func seconds(in headers: HTTPHeaders) -> Int? {
        headers.first(name: "retry-after").flatMap { seconds($0, now: time(nil)) }
    }

    /// The seconds that `value` means at the time `now`, in seconds since 1970.
    package static func seconds(_ value: String, now: Int) -> Int? {
        if let seconds = Int(value) { return max(0, seconds) }
        if !value.isEmpty, value.allSatisfy({ $0.isASCII && $0.isNumber }) { return .max }
        return date(value, now: now).map { max(0, $0 - now) }
    }

    /// An HTTP date (RFC 9110, section 5.6.7) as seconds since 1970, in any of the three forms that a recipient must
    /// accept: the current one, RFC 850's and asctime's. Swift 6.3's FoundationEssentials has no format for them.
    private static func date(_ text: String, now: Int) -> Int? {
        if let match = text.wholeMatch(of: /\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) GMT/) {
            return seconds(year: match.3, month: match.2, day: match.1, time: match.4)
        }
        if let match = text.wholeMatch(of: /\w{3} (\w{3}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})/) {
            return seconds(year: match.4, month: match.1, day: match.2.drop { $0 == " " }, time: match.3)
        }
        guard let match = text.wholeMatch(of: /\w+, (\d\d)-(\w{3})-(\d\d) (\d\d:\d\d:\d\d) GMT/) else { return nil }
        let recent = seconds(year: "20" + match.3, month: match.2, day: match.1, time: match.4)
        // More than 50 years ahead means the century before.
        guard let recent, recent - now > 50 * 365 * 86_400 else { return recent }
        return seconds(year: "19" + match.3, month: match.2, day: match.1, time: match.4)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func seconds(year: Substring, month: Substring, day: Substring, time: Substring) -> Int? {
        let clock = time.split(separator: ":").compactMap { Int32($0) }
        guard let year = Int32(year), let month = months.firstIndex(of: String(month)), let day = Int32(day),
            (1...31).contains(day), clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60
        else { return nil }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = Int32(month)
        parts.tm_mday = day
        parts.tm_hour = clock[0]
        parts.tm_min = clock[1]
        parts.tm_sec = clock[2]
        return timegm(&parts)
    }
}
