/// How deep arrays and objects are nested in a JSON text.
///
/// Told without recursion and before anything is decoded: a decoder's recursion must not be the sender's to choose.
package enum JSONNesting {
    /// Deeper than any manifest that is meant.
    package static let limit = 100

    /// Whether `bytes` are nested at most ``limit`` deep. The answer for what isn't JSON may be either.
    package static func isWithinLimit(_ bytes: [UInt8]) -> Bool {
        var depth = 0
        var isText = false
        var isEscaped = false
        for byte in bytes {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > limit { return false }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return true
    }
}
