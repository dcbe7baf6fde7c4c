import LibC

/// The lines of a stream that begin a document.
///
/// A line that begins with `---` and a space or its end is always a marker: no text may contain one.
enum DocumentMarkers {
    /// Cuts before markers into about as many pieces as asked for; one where cutting isn't safe.
    static func pieces(of bytes: [UInt8], about count: Int) -> [ArraySlice<UInt8>] {
        guard count > 1, !hasDirectives(bytes) else { return [bytes[...]] }
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let target = start + max(1, bytes.count / count)
            let end = marker(in: bytes, from: target) ?? bytes.count
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    /// The text between markers; nil if a marker's line has more on it than a comment.
    static func contents(of bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
        var contents: [ArraySlice<UInt8>] = []
        var start = 0
        var search = 0
        while let position = search == 0 && isMarker(bytes, 0) ? 0 : marker(in: bytes, from: search) {
            contents.append(bytes[start..<position])
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let rest = bytes[(position + 3)..<end].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
            guard rest == nil || rest == UInt8(ascii: "#") else { return nil }
            start = min(end + 1, bytes.count)
            search = max(end, 1)
            if end >= bytes.count { break }
        }
        contents.append(bytes[start...])
        return contents
    }

    /// The first marker that follows a line break at or after `position`.
    private static func marker(in bytes: [UInt8], from position: Int) -> Int? {
        guard position < bytes.count else { return nil }
        return bytes.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return nil }
            var position = position
            while position < all.count {
                guard let found = memchr(base + position, 0x0A, all.count - position) else { return nil }
                position = UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
                if isMarker(all, position) { return position }
            }
            return nil
        }
    }

    private static func isMarker(_ bytes: some RandomAccessCollection<UInt8>, _ position: Int) -> Bool {
        let start = bytes.index(bytes.startIndex, offsetBy: position)
        let line = bytes[start...].prefix(4)
        guard line.starts(with: "---".utf8) else { return false }
        guard let next = line.dropFirst(3).first else { return true }
        return next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D
    }

    /// Directives come before the marker of their document.
    private static func hasDirectives(_ bytes: [UInt8]) -> Bool {
        if bytes.first == UInt8(ascii: "%") { return true }
        return bytes.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return false }
            var position = 0
            while position < all.count, let found = memchr(base + position, 0x25, all.count - position) {
                position = UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
                if position > 1, all[position - 2] == 0x0A || all[position - 2] == 0x0D { return true }
            }
            return false
        }
    }
}
