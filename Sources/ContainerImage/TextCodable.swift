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
    /// Why a text is no digest.
    public typealias TextError = DigestError
}

extension DigestReference: TextCodable {
    /// Why a text is no reference by digest.
    public typealias TextError = ReferenceError
}

extension Tag: TextCodable {
    /// Why a text is no tag.
    public typealias TextError = ReferenceError
}
