/// Which keys a JSON document has where: what those who read it know by name, and what is its author's own.
///
/// Go's decoder, which most tools of containers use, takes the last of several equal keys and doesn't mind capitals in
/// the names that it knows; other decoders take the first and mind them. What they would read differently has a fault.
package indirect enum JSONShape: Sendable {
    /// Anything, such as annotations: a key may occur once in each spelling.
    case anything
    /// An object with keys that are known by name.
    case object([Member])
    /// A list of which each element has the shape.
    case list(JSONShape)

    /// The value of a known key.
    package struct Member: Sendable {
        /// The name, in ASCII.
        let name: [UInt8]
        /// Its lower-case spelling.
        let folded: [UInt8]
        let shape: JSONShape
    }

    /// An object with `members` and maybe others. The names are in ASCII.
    package static func object(knowing members: KeyValuePairs<String, JSONShape>) -> JSONShape {
        .object(
            members.map { name, shape in
                Member(name: Array(name.utf8), folded: Array(name.lowercased().utf8), shape: shape)
            }
        )
    }
}

/// A key of a JSON document that two readers take differently.
package enum JSONAmbiguityError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The same key occurs twice in one object.
    case twice(String)
    /// A key differs from a known one in capitals alone.
    case spelling(String, known: String)
    /// There is a zero byte, which no JSON in UTF-8 has.
    case zeroByte

    /// What is wrong, with the key.
    package var description: String {
        switch self {
        case .twice(let key): "the key '\(key)' occurs twice in one object, which parsers read differently"
        case .spelling(let key, let known):
            "the key '\(key)' differs from '\(known)' in its spelling alone, which programs read differently"
        case .zeroByte: "it has NUL bytes: it is not JSON in UTF-8"
        }
    }
}

extension JSONShape {
    /// Makes sure that all readers find the same under each key of `bytes`. What isn't JSON may pass.
    ///
    /// - Throws: `JSONAmbiguityError`.
    package func check(_ bytes: [UInt8]) throws(JSONAmbiguityError) {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONAmbiguityError) in
            var frames: [Frame] = []
            var position = 0
            while position < buffer.count {
                let byte = buffer[position]
                switch byte {
                case 0: throw .zeroByte
                case UInt8(ascii: "\""):
                    let end = JSONText.endOfString(in: buffer, from: position)
                    if let top = frames.indices.last, frames[top].isKeyNext {
                        try frames[top].take(JSONText.content(of: bytes[position..<end]))
                    }
                    position = end
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    let shape = frames.last.map(\.next) ?? self
                    frames.append(Frame(shape, isObject: byte == UInt8(ascii: "{")))
                case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = frames.popLast()
                case UInt8(ascii: ","):
                    if let top = frames.indices.last { frames[top].isKeyNext = frames[top].isObject }
                default: break
                }
                position += 1
            }
        }
    }

    private struct Frame {
        let isObject: Bool
        /// The shape of the value that comes next.
        private(set) var next: JSONShape
        var isKeyNext: Bool
        private var known: [Member] = []
        /// The first keys; comparing a few with each other is less than hashing each.
        private var first: [ArraySlice<UInt8>] = []
        private var others: Set<ArraySlice<UInt8>> = []

        init(_ shape: JSONShape, isObject: Bool) {
            self.isObject = isObject
            isKeyNext = isObject
            next = .anything
            switch shape {
            case .object(let members) where isObject: known = members
            case .list(let element) where !isObject: next = element
            default: break
            }
        }

        mutating func take(_ key: ArraySlice<UInt8>) throws(JSONAmbiguityError) {
            isKeyNext = false
            guard isNew(key) else { throw .twice(String(decoding: key, as: UTF8.self)) }
            next = .anything
            guard !known.isEmpty else { return }
            guard let member = member(for: key) else { return }
            guard member.name.elementsEqual(key) else {
                throw .spelling(
                    String(decoding: key, as: UTF8.self),
                    known: String(decoding: member.name, as: UTF8.self)
                )
            }
            next = member.shape
        }

        /// Whether `key` is the first of its kind; it is known from then on.
        private mutating func isNew(_ key: ArraySlice<UInt8>) -> Bool {
            guard !first.contains(key) else { return false }
            guard first.count < 16 else { return others.insert(key).inserted }
            first.append(key)
            return true
        }

        /// The known member that `key` is a spelling of.
        private func member(for key: ArraySlice<UInt8>) -> Member? {
            guard !key.contains(where: { $0 >= 0x80 }) else {
                let folded = Self.folded(key)
                return known.first { $0.folded == folded }
            }
            return known.first { member in
                member.folded.count == key.count && zip(member.folded, key).allSatisfy { $0 == Self.folded($1) }
            }
        }

        private static func folded(_ byte: UInt8) -> UInt8 {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }

        /// The lower-case spelling as Go has it: it takes U+017F for an s and U+212A for a k.
        private static func folded(_ key: ArraySlice<UInt8>) -> [UInt8] {
            let scalars = String(decoding: key, as: UTF8.self).unicodeScalars.map { scalar -> Character in
                switch scalar {
                case "\u{17F}": "s"
                case "\u{212A}": "k"
                default: Character(scalar)
                }
            }
            return Array(String(scalars).lowercased().utf8)
        }
    }
}
