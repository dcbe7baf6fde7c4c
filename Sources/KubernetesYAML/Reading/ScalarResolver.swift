/// The values of scalars, with their tags and without.
enum ScalarResolver {
    struct Refusal: Error {
        let reason: YAMLError.Reason
    }

    private static let standard = "tag:yaml.org,2002:"

    /// Whether this is the merge key.
    static func isMergeKey(_ scalar: EventParser.Scalar) -> Bool {
        scalar.text == "<<" && (scalar.isPlain || scalar.tag == standard + "merge")
    }

    /// The value of a scalar.
    ///
    /// - Throws: `Refusal` for what JSON can't hold, or what isn't of its tag's type.
    static func value(of scalar: EventParser.Scalar) throws(Refusal) -> YAMLValue {
        guard let tag = scalar.tag else {
            return scalar.isPlain
                ? try value(of: PlainScalar.resolve(scalar.text), scalar.text) : .string(scalar.text)
        }
        guard tag.hasPrefix(standard) else { return .string(scalar.text) }
        let kind = tag.dropFirst(standard.count)
        let resolution = PlainScalar.resolve(scalar.text)
        switch (kind, resolution) {
        case ("str", _): return .string(scalar.text)
        case ("binary", _):
            guard let text = Base64.text(decoding: scalar.text) else {
                throw Refusal(reason: .badTag(tag: "!!binary", text: scalar.text))
            }
            return .string(text)
        case ("null", .null), ("bool", .bool), ("int", .integer), ("float", .float), ("float", .integer):
            return try value(of: resolution, scalar.text)
        case ("timestamp", .timestamp): return .string(scalar.text)
        case ("float", .notFinite): throw Refusal(reason: .notFinite(scalar.text))
        case ("null", _), ("bool", _), ("int", _), ("float", _), ("timestamp", _):
            throw Refusal(reason: .badTag(tag: "!!\(kind)", text: scalar.text))
        default: return .string(scalar.text)
        }
    }

    private static func value(of resolution: PlainScalar, _ text: String) throws(Refusal) -> YAMLValue {
        switch resolution {
        case .text: return .string(text)
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let digits): return .integer(digits)
        case .float(let number): return .number(number)
        case .notFinite: throw Refusal(reason: .notFinite(text))
        case .timestamp, .ambiguous: return .string(text)
        }
    }
}
