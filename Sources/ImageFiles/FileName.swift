/// The name of a file in a folder. Names are bytes: two that a reader takes for the same are two files.
struct FileName: Hashable, Comparable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    init(_ bytes: some Collection<UInt8>) { text = String(decoding: bytes, as: UTF8.self) }

    static func == (left: FileName, right: FileName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    static func < (left: FileName, right: FileName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
