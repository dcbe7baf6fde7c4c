/// Digits of one base into decimal ones, of any size that someone writes.
enum DigitConversion {
    /// What a conversion gives.
    enum Result: Equatable {
        case digits(String)
        case notDigits
        /// More digits than a number has: the time that they take grows with their square.
        case tooLong
    }

    private static let longest = 4096

    /// The decimal digits of a number that is written in digits to the base of `radix`, at most 16.
    static func decimal(_ digits: some Collection<UInt8>, radix: UInt64) -> Result {
        guard !digits.isEmpty else { return .notDigits }
        var small: UInt64 = 0
        // The number in groups of nine decimal digits, the lowest first, once it is too large for the small one.
        var groups: [UInt64] = []
        var count = 0
        for byte in digits {
            guard let digit = value(of: byte), digit < radix else { return .notDigits }
            count += 1
            if groups.isEmpty {
                let (product, overflows) = small.multipliedReportingOverflow(by: radix)
                let (sum, carries) = product.addingReportingOverflow(digit)
                if !overflows, !carries {
                    small = sum
                    continue
                }
                groups = [
                    small % 1_000_000_000, small / 1_000_000_000 % 1_000_000_000, small / 1_000_000_000_000_000_000,
                ]
            }
            guard count <= longest else { continue }
            var carry = digit
            for position in groups.indices {
                let product = groups[position] * radix + carry
                groups[position] = product % 1_000_000_000
                carry = product / 1_000_000_000
            }
            if carry > 0 { groups.append(carry) }
        }
        if groups.isEmpty { return .digits(String(small)) }
        guard count <= longest else { return .tooLong }
        while groups.count > 1, groups.last == 0 { groups.removeLast() }
        let padded = groups.dropLast().reversed().map { group in
            let text = String(group)
            return String(repeating: "0", count: 9 - text.count) + text
        }
        return .digits(String(groups.last ?? 0) + padded.joined())
    }

    private static func value(of byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
