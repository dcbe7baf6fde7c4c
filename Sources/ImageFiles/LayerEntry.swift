/// An entry of a layer's tarball.
struct LayerEntry: Sendable {
    /// What it is.
    enum Kind: Sendable, Equatable {
        case file, folder
        case symbolicLink(String)
        case hardLink(String)
        /// A device, a pipe, a sparse file.
        case other
    }

    /// Which of the layer's entries it is, from 0.
    var number: Int
    /// The name, without what means nothing: `./`, `//`, and `..`, which can't lead out.
    var path: [String]
    var kind: Kind
    /// How many bytes it has.
    var size: Int64
    /// Whether its owner may run it.
    var isExecutable: Bool

    /// The parts of a path from the root, which `..` doesn't leave.
    static func parts(of name: String) -> [String] {
        var parts: [String] = []
        for part in names(in: name) where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts
    }

    /// The names between the slashes of a path, which are bytes as for the kernel: a slash with a combining mark behind it
    /// is another character, and a slash all the same.
    static func names(in path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
    }
}
