/// A value of a YAML or JSON document.
///
/// It is what the original's way through JSON leaves: keys are strings, dates are text, whole floats are integers.
public enum YAMLValue: Sendable, Hashable {
    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number in decimal digits, with `-` before them where it is negative; of any size.
    case integer(String)
    /// A finite number that isn't whole, or is too large for 64 bits.
    case float(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case list([YAMLValue])
    /// Values by key.
    case map(YAMLMap)
}

extension YAMLValue {
    /// A map of these entries.
    public static func map(_ entries: [String: YAMLValue]) -> YAMLValue { .map(YAMLMap(entries)) }

    /// The text, where this is one.
    public var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    /// The items, where this is a list.
    public var listValue: [YAMLValue]? { if case .list(let items) = self { items } else { nil } }
    /// The entries, where this is a map.
    public var mapValue: YAMLMap? { if case .map(let entries) = self { entries } else { nil } }
    /// The truth, where this is one.
    public var boolValue: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    /// The value of `key`, where this is a map that has it.
    public subscript(key: String) -> YAMLValue? { if case .map(let entries) = self { entries[key] } else { nil } }

    /// A finite number: an integer where it is whole and Go's 64 bits can hold the digits that it is written in.
    static func number(_ number: Double) -> YAMLValue {
        guard number == number.rounded(.towardZero), number < 0x1p64, number > -0x1p63 else { return .float(number) }
        return .integer(FloatText.plainDigits(of: number))
    }
}

extension YAMLValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates a boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates an integer.
    public init(integerLiteral value: Int) { self = .integer(String(value)) }
    /// Creates a list.
    public init(arrayLiteral elements: YAMLValue...) { self = .list(elements) }
    /// Creates a map; of equal keys the last wins.
    public init(dictionaryLiteral elements: (String, YAMLValue)...) {
        self = .map(YAMLMap(elements.map { YAMLMap.Entry(key: $0, value: $1) }[...]))
    }
}
