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
        return date(value).map { max(0, $0 - now) }
    }

    /// An HTTP date (RFC 9110, section 5.6.7) in its current form or RFC 850's, as seconds since 1970.
    private static func date(_ text: String) -> Int? {
        let form = /\w+, (\d\d)[ -](\w{3})[ -](\d{4}|\d\d) (\d\d):(\d\d):(\d\d) GMT/
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let match = text.wholeMatch(of: form), let month = months.firstIndex(of: String(match.2)),
            let day = Int32(match.1), let year = Int32(match.3), let hour = Int32(match.4), let minute = Int32(match.5),
            let second = Int32(match.6)
        else { return nil }
        var parts = tm()
        parts.tm_mday = day
        parts.tm_mon = Int32(month)
        parts.tm_year = year < 100 ? year + 100 : year - 1900
        parts.tm_hour = hour
        parts.tm_min = minute
        parts.tm_sec = second
        return timegm(&parts)
    }
}
