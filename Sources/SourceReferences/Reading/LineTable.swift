/// The lines of a file.
struct LineTable {
    private let bytes: [UInt8]
    /// Where each line begins.
    private let starts: [Int]

    init(of bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        for (position, byte) in bytes.enumerated() where byte == 0x0A { starts.append(position + 1) }
        self.starts = starts
    }

    /// How many there are; the last may be empty.
    var count: Int { starts.count }

    /// The number, from 0, of the line that has the byte at `offset`.
    func index(of offset: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// The bytes of a line without its line break.
    func content(_ index: Int) -> Range<Int> {
        let start = starts[index]
        var end = index + 1 < starts.count ? starts[index + 1] - 1 : bytes.count
        if end > start, bytes[end - 1] == 0x0D, index + 1 < starts.count { end -= 1 }
        return start..<max(start, end)
    }

    /// The line break at the end of a line, of the one before where it has none; `\n` where there is none at all.
    func lineBreak(near index: Int) -> String {
        for index in [index, index - 1] where index >= 0 && index + 1 < starts.count {
            return bytes[content(index).upperBound] == 0x0D ? "\r\n" : "\n"
        }
        return "\n"
    }

    /// The bytes that a line begins with: spaces and tabs.
    func indentation(_ index: Int) -> String {
        String(decoding: bytes[content(index)].prefix { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
    }

    /// The position of the byte at `offset`.
    func position(_ offset: Int) -> SourcePosition {
        let index = index(of: offset)
        let before = bytes[starts[index]..<max(starts[index], min(offset, bytes.count))]
        return SourcePosition(
            offset: offset,
            line: index + 1,
            column: before.count + 1,
            utf16Column: String(decoding: before, as: UTF8.self).utf16.count + 1
        )
    }
}
