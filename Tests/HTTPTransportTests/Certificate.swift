/// Makes certificates of names alone; nothing in them is signed.
enum Certificate {
    /// A certificate in DER with alternative names: host names and addresses.
    static func make(commonName: String? = nil, names: [String] = [], addresses: [[UInt8]] = []) -> [UInt8] {
        let alternatives = names.map { element(0x82, Array($0.utf8)) } + addresses.map { element(0x87, $0) }
        let name = element(
            0x30,
            commonName.map { text in
                let attribute = element(0x06, [0x55, 0x04, 0x03]) + element(0x0C, Array(text.utf8))
                return element(0x31, element(0x30, attribute))
            } ?? []
        )
        let fields: [[UInt8]] = [
            element(0xA0, element(0x02, [2])), element(0x02, [1]), element(0x30, []), name, element(0x30, []), name,
            element(0x30, []),
        ]
        var body = fields.flatMap(\.self)
        if !alternatives.isEmpty {
            let list = element(0x30, alternatives.flatMap(\.self))
            let entry = element(0x30, element(0x06, [0x55, 0x1D, 0x11]) + element(0x04, list))
            body += element(0xA3, element(0x30, entry))
        }
        return element(0x30, element(0x30, body))
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 128
            ? [UInt8(count)] : [0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
        return [tag] + length + content
    }
}
