/// Numbers as Go's strconv writes them: the shortest text that reads back as the same number.
enum FloatText {
    /// Format `g` with the shortest digits: an exponent below 1e-4 and from 1e6 on.
    static func goText(of number: Double) -> String {
        let (sign, digits, exponent) = parts(of: number)
        return sign + (exponent < -4 || exponent >= 6 ? scientific(digits, exponent) : plain(digits, exponent))
    }

    /// Go's encoding/json: an exponent below 1e-6 and from 1e21 on, without a leading zero in it.
    static func jsonText(of number: Double) -> String {
        let (sign, digits, exponent) = parts(of: number)
        guard number != 0, exponent < -6 || exponent >= 21 else { return sign + plain(digits, exponent) }
        return sign + scientific(digits, exponent).replacing("e-0", with: "e-")
    }

    /// The digits of a whole number, without an exponent.
    static func plainDigits(of number: Double) -> String {
        let (sign, digits, exponent) = parts(of: number)
        return (number == 0 ? "" : sign) + plain(digits, exponent)
    }

    /// The shortest digits, without zeros at the ends, and the power of ten of the first.
    private static func parts(of number: Double) -> (sign: String, digits: [UInt8], exponent: Int) {
        var text = Array(number.magnitude.description.utf8)[...]
        var exponent = 0
        if let mark = text.firstIndex(of: UInt8(ascii: "e")) {
            exponent = Int(String(decoding: text[(mark + 1)...], as: UTF8.self)) ?? 0
            text = text[..<mark]
        }
        let point = text.firstIndex(of: UInt8(ascii: ".")) ?? text.endIndex
        var digits = Array(text[..<point] + text[point...].dropFirst())
        exponent += point - text.startIndex - 1
        while digits.count > 1, digits[0] == UInt8(ascii: "0") {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits == [UInt8(ascii: "0")] { exponent = 0 }
        return (number.sign == .minus ? "-" : "", digits, exponent)
    }

    private static func plain(_ digits: [UInt8], _ exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + text }
        let whole = exponent + 1
        if digits.count <= whole { return text + String(repeating: "0", count: whole - digits.count) }
        return text.prefix(whole) + "." + text.dropFirst(whole)
    }

    private static func scientific(_ digits: [UInt8], _ exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        let mantissa = digits.count > 1 ? text.prefix(1) + "." + text.dropFirst() : text[...]
        let power = String(abs(exponent))
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(power.count < 2 ? "0" + power : power)"
    }
}
