/// What is coded as its text.
public protocol TextCodable: Codable, CustomStringConvertible {
    /// Parses the text.
    init(_ text: String) throws(ReferenceError)
}

extension TextCodable {
    /// Decodes the text form.
    ///
    /// - Throws: `DecodingError` when the text can't be parsed.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(try container.decode(String.self))
        } catch let error as ReferenceError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension DigestReference: TextCodable {}
extension Tag: TextCodable {}
