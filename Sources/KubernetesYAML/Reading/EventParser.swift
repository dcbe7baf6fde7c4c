/// The events of a stream, one after the other.
///
/// What the original takes and libyaml doesn't is written in another way and read again, up to where it was. All of a
/// kind is written so at once: however often it is there, the stream is read a few times at most.
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
    }

    private let bytes: ArraySlice<UInt8>
    private var parser: LibyamlParser
    private var leniency: LenientText = []
    private var delivered = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        parser = LibyamlParser(bytes)
    }

    /// The line on which the last event began, from 1.
    var line: Int { parser.line }

    /// The characters of the last event, from the first of the stream.
    var characters: Range<Int> { parser.characters }

    /// The style of the last event, where it was a scalar.
    var style: YAMLSource.Style { parser.style }

    /// Whether the list or map that began is in flow style.
    var isFlow: Bool { parser.isFlow }

    /// Where the last failure was, from 1 and in characters; nil where it isn't known.
    var failureColumn: Int? { parser.failureColumn }

    /// The next event.
    func next() throws(Failure) -> Event {
        while true {
            do {
                let event = try parser.next()
                delivered += 1
                return event
            } catch {
                guard let needed = LenientText.needed(for: error), !leniency.contains(needed) else { throw error }
                leniency.formUnion(needed)
                parser = LibyamlParser(bytes, leniency: leniency)
                for _ in 0..<delivered { _ = try parser.next() }
            }
        }
    }
}
