import ContainerImage
import FoundationEssentials

/// JSON of those who sign: read strictly, as it is whoever's.
enum SignatureContent {
    /// The longest payload, envelope or bundle that is read, in bytes.
    static let sizeLimit = 1 << 20

    /// Decodes `bytes`, which all readers must understand the same.
    static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        _ shape: JSONShape,
        limit: Int = sizeLimit
    ) throws(SignatureContentError) -> Value {
        guard bytes.count <= limit else { throw SignatureContentError("it is longer than \(limit >> 20) MiB") }
        guard JSONNesting.isWithinLimit(bytes) else {
            throw SignatureContentError("its JSON is nested more than \(JSONNesting.limit) deep")
        }
        do throws(JSONAmbiguityError) {
            try shape.check(bytes)
        } catch {
            throw SignatureContentError("\(error)")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw SignatureContentError("it is not JSON of the expected form")
        }
    }

    /// The bytes of a base64 text.
    static func bytes(ofBase64 text: String, _ what: String) throws(SignatureContentError) -> [UInt8] {
        // The last letter of a text may have bits that no byte takes up: they could be other ones.
        guard let data = Data(base64Encoded: text), !data.isEmpty, data.base64EncodedString() == text else {
            throw SignatureContentError("\(what) is not base64")
        }
        return Array(data)
    }

    /// The bytes of lower-case hexadecimal digits; nil for anything else.
    static func bytes(ofHex digits: [UInt8]) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if index % 2 == 0 { bytes.append(value << 4) } else { bytes[bytes.count - 1] |= value }
        }
        return bytes
    }

    /// The SHA-256 or SHA-512 that `bytes` are.
    static func digest(_ algorithm: Digest.Algorithm, _ bytes: [UInt8]) -> Digest? {
        let digits = Array("0123456789abcdef")
        let hex = String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        return try? Digest("\(algorithm.rawValue):\(hex)")
    }
}

/// The reason something isn't a signature that can be read.
public struct SignatureContentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Creates the error of a blob that can't be read.
    public init(unreadable error: any Error) { description = "\(error)" }
}
