/// The name of a file in a folder. Names are bytes: two that a reader takes for the same are two files, and some are no text.
struct FileName: Hashable, Comparable, Sendable {
    let bytes: [UInt8]
    /// The name for people: bytes that are no text are shown by a mark.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The one that means the folder itself.
    static let current = FileName(".")
    /// The one that means the folder above.
    static let parent = FileName("..")

    init(_ text: String) { bytes = Array(text.utf8) }

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    static func < (left: FileName, right: FileName) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// The names between the slashes of a path: a slash with a combining mark behind it is another character, and a slash
    /// all the same.
    static func names(in path: some Collection<UInt8>) -> [FileName] {
        path.split(separator: UInt8(ascii: "/")).map { FileName($0) }
    }

    /// The names of a path from the root, which `..` doesn't leave.
    static func path(_ path: some Collection<UInt8>) -> [FileName] {
        var names: [FileName] = []
        for name in self.names(in: path) where name != .current {
            if name == .parent { _ = names.popLast() } else { names.append(name) }
        }
        return names
    }
}

extension Sequence<FileName> {
    /// The path for people.
    var pathText: String { map(\.text).joined(separator: "/") }
}
