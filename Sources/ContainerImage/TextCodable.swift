/// What is coded as its text.
public protocol TextCodable: Codable, CustomStringConvertible {
    /// Why a text can't be parsed.
    associatedtype TextError: Error, CustomStringConvertible

    /// Parses the text.
    init(_ text: String) throws(TextError)
}

extension TextCodable {
    /// Decodes the text form.
    ///
    /// - Throws: `DecodingError` when the text can't be parsed.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Digest: TextCodable {
    /// The reason a string is not a valid digest.
    public typealias TextError = DigestError
}

extension DigestReference: TextCodable {
    /// The reason a string is not a valid reference by digest.
    public typealias TextError = ReferenceError
}

extension Tag: TextCodable {
    /// The reason a string is not a valid tag.
    public typealias TextError = ReferenceError
}
