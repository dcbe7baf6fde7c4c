import CLibYAML

/// libyaml's parser and the memory that it works on.
final class LibyamlParser {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let source: ParserInput
    /// Whether the last line had its line break.
    private let isEnded: Bool

    /// The line on which the last event began, from 1.
    private(set) var line = 1
    /// The characters of the last event, from the first of the stream.
    private(set) var characters = 0..<0
    /// The style of the last event, where it was a scalar.
    private(set) var style = YAMLSource.Style.plain
    /// Whether the list or map that began is in flow style.
    private(set) var isFlow = false

    init(_ bytes: ArraySlice<UInt8>, leniency: LenientText = []) {
        source = ParserInput(bytes, leniency: leniency)
        // The last line counts as ended whether it is or not: a block of text in it keeps its line break, as for Go's
        // readers, which read line by line.
        isEnded = bytes.isEmpty || bytes.last == UInt8(ascii: "\n")
        // The parser reads from this for as long as it lives.
        input = .allocate(capacity: source.bytes.count + (isEnded ? 0 : 1))
        let (_, end) = input.initialize(from: source.bytes)
        if !isEnded { input.initializeElement(at: end, to: UInt8(ascii: "\n")) }
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event.
    func next() throws(EventParser.Failure) -> EventParser.Event {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { yaml_event_delete(&event) }
            line = Int(event.start_mark.line) + 1
            characters = event.start_mark.index..<max(event.start_mark.index, event.end_mark.index)
            switch event.type {
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
            case YAML_DOCUMENT_START_EVENT: return .documentStart
            case YAML_SEQUENCE_START_EVENT:
                isFlow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                return .listStart(anchor: Self.text(event.data.sequence_start.anchor))
            case YAML_MAPPING_START_EVENT:
                isFlow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                return .mapStart(anchor: Self.text(event.data.mapping_start.anchor))
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
            case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "")
            case YAML_SCALAR_EVENT:
                let scalar = event.data.scalar
                style = YAMLSource.Style(scalar.style)
                let text = String(
                    decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                    as: UTF8.self
                )
                return .scalar(
                    EventParser.Scalar(
                        text: source.restored(text, isDoubleQuoted: scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE),
                        anchor: Self.text(scalar.anchor),
                        tag: Self.text(scalar.tag),
                        isPlain: scalar.plain_implicit == 1 && scalar.style == YAML_PLAIN_SCALAR_STYLE
                    )
                )
            default: continue
            }
        }
    }

    /// Where the last failure was, from 1 and in characters; nil where it isn't known.
    var failureColumn: Int? {
        parser.pointee.error == YAML_READER_ERROR ? nil : Int(parser.pointee.problem_mark.column) + 1
    }

    private func failure() -> EventParser.Failure {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it can't be parsed"
        let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
        if parser.pointee.error == YAML_READER_ERROR {
            let end = min(Int(parser.pointee.problem_offset), input.count)
            let line = 1 + input[..<end].count { $0 == UInt8(ascii: "\n") }
            return EventParser.Failure(words: problem, line: line, isDepth: false)
        }
        return EventParser.Failure(
            words: problem + context,
            // The end of the last line is not a line of its own.
            line: min(Int(parser.pointee.problem_mark.line) + 1, max(1, lineCount)),
            isDepth: parser.pointee.error == YAML_MEMORY_ERROR || problem.contains("nesting")
        )
    }

    private var lineCount: Int { input.count { $0 == UInt8(ascii: "\n") } + (isEnded ? 1 : 0) }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}

extension YAMLSource.Style {
    fileprivate init(_ style: yaml_scalar_style_t) {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: self = .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: self = .literal
        case YAML_FOLDED_SCALAR_STYLE: self = .folded
        default: self = .plain
        }
    }
}
