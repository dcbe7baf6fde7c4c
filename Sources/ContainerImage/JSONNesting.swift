/// How deep arrays and objects are nested in a JSON text.
///
/// Told without recursion and before anything is decoded: a decoder's recursion must not be the sender's to choose.
package enum JSONNesting {
    /// Deeper than any manifest that is meant.
    package static let limit = 100

    /// Whether `bytes` are nested at most ``limit`` deep. The answer for what isn't JSON may be either.
    package static func isWithinLimit(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var depth = 0
            var position = 0
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position = JSONText.endOfString(in: bytes, from: position)
                    continue
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    depth += 1
                    if depth > limit { return false }
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                default: break
                }
                position += 1
            }
            return true
        }
    }
}
