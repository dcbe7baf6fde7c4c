/// What a tarball has: files and links by name.
package struct TarContents: Sendable {
    /// Where a file's bytes are.
    package struct Entry: Sendable {
        /// The first byte.
        package let offset: Int64
        /// How many there are.
        package let size: Int64
    }

    /// The regular files.
    package private(set) var files: [String: Entry] = [:]
    /// Symbolic and hard links: what each names, from the root of the tarball.
    package private(set) var links: [String: String] = [:]
    /// Whether there is an end: a tarball without one may have lost entries.
    package var hasEnd = false

    /// Creates empty contents.
    init() {}

    /// Adds an entry whose bytes begin at `offset`; of several of one name the first counts.
    mutating func add(_ item: TarEntryParser.Item, at offset: Int64) {
        switch item.kind {
        case .file where files[item.name] == nil: files[item.name] = Entry(offset: offset, size: item.size)
        case .link(let target) where links[item.name] == nil: links[item.name] = target
        default: break
        }
    }

    /// The same with names as a layout has them, without `./` before them.
    package var plainlyNamed: TarContents {
        func plain<Value>(_ named: [String: Value]) -> [String: Value] {
            Dictionary(named.map { (TarEntryParser.plainName($0), $1) }) { first, _ in first }
        }
        var contents = self
        contents.files = plain(files)
        contents.links = plain(links).mapValues(TarEntryParser.plainName)
        return contents
    }
}
