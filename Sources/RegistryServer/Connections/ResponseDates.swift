package import LibC
import Synchronization

/// The time as `Date` headers have it (RFC 9110, section 6.6.1), formatted once a second.
package final class ResponseDates: Sendable {
    private let last = Mutex((second: time_t.min, text: ""))

    /// Creates dates.
    package init() {}

    /// The header's value.
    package var now: String {
        let second = time(nil)
        return last.withLock { last in
            if last.second != second { last = (second, Self.text(second)) }
            return last.text
        }
    }

    /// - Parameter second: Seconds since 1970.
    package static func text(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        // Names are English: the program never sets a locale.
        return String(unsafeUninitializedCapacity: 64) { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                strftime($0.baseAddress, $0.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            }
        }
    }
}
