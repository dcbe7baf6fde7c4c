/// The events of a stream, one after the other.
///
/// What the original takes and libyaml doesn't is written in another way and read again, up to where it was.
final class EventParser {
    /// What the parser meets.
    enum Event {
        case documentStart
        case scalar(Scalar)
        case listStart(anchor: String?)
        case mapStart(anchor: String?)
        case end
        case alias(String)
        case streamEnd
    }

    /// A scalar as it was written.
    struct Scalar {
        let text: String
        let anchor: String?
        let tag: String?
        let isPlain: Bool
    }

    /// What the parser says of text that is no YAML.
    struct Failure: Error {
        let words: String
        let line: Int?
        let isDepth: Bool
        /// Where the item began in which the problem is, counted in characters.
        var context = 0
        /// Where the problem is, counted in characters.
        var position = 0
    }

    private var bytes: ArraySlice<UInt8>
    private var parser: LibyamlParser
    private var delivered = 0
    /// How many bytes may still be read again.
    private var budget = 1 << 28

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        parser = LibyamlParser(bytes)
    }

    /// The line on which the last event began, from 1.
    var line: Int { parser.line }

    /// The next event.
    func next() throws(Failure) -> Event {
        while true {
            do {
                let event = try parser.next()
                delivered += 1
                return event
            } catch {
                guard budget >= bytes.count, let mended = LenientText.mended(bytes, after: error) else { throw error }
                budget -= bytes.count
                bytes = mended
                parser = LibyamlParser(bytes)
                for _ in 0..<delivered { _ = try parser.next() }
            }
        }
    }
}
