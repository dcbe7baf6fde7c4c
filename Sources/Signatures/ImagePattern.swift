/// Patterns of repositories in policies: `*` stands for anything without a slash, `**` for anything.
enum ImagePattern {
    /// Why no repository ever fits `pattern`; nil where one may.
    ///
    /// A rule that is never used leaves its images to rules after it, which may ask for less.
    static func problem(_ pattern: String) -> String? {
        func never(_ advice: String) -> String { "no repository ever fits '\(pattern)': \(advice)" }
        if pattern.contains("://") { return never("write it without '\(pattern.prefix { $0 != ":" })://'") }
        if pattern.contains("@") { return never("write it without a digest") }
        if pattern.lowercased() != pattern { return never("write it in lower case") }
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
        let isAddress = pattern.hasPrefix("[")
        for (number, part) in parts.enumerated() {
            let others = number == 0 && isAddress ? "?{}!,\\" : "?[]{}!,\\"
            if let other = part.first(where: { others.contains($0) || $0.isWhitespace }) {
                return never("'\(other)' is in no name, and stands for nothing; * and ** do")
            }
        }
        guard parts.allSatisfy({ !$0.isEmpty }) else { return never("a part between '/' is empty") }
        guard !parts.dropFirst().contains(where: { $0.contains(":") }) else { return never("write it without a tag") }
        if parts[0] == "index.docker.io" { return never("write the registry as docker.io") }
        if pattern.contains("**") { return nil }
        switch parts.count {
        case 1 where pattern.contains(where: ".:*".contains):
            return never("a registry's name is no repository; write '\(pattern)/**' for all that it has")
        case 1: return never("write the registry, too, as in docker.io/library/\(pattern)")
        case 2 where parts[0] == "docker.io":
            return never("write 'docker.io/\(parts[1] == "*" ? "**" : "library/\(parts[1])")'")
        default: return nil
        }
    }

    /// Whether a name fits a pattern: `*` stands for anything without a slash, `**` for anything.
    static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        // The positions in the name that the pattern so far can end at: no pattern takes longer than its length times
        // the name's.
        var ends: Set<Int> = [name.startIndex]
        var position = pattern.startIndex
        while position < pattern.endIndex, !ends.isEmpty {
            var next: Set<Int> = []
            if pattern[position] == UInt8(ascii: "*") {
                let isDeep = position + 1 < pattern.endIndex && pattern[position + 1] == UInt8(ascii: "*")
                var isOpen = false
                for end in name.startIndex...name.endIndex {
                    isOpen = isOpen || ends.contains(end)
                    if isOpen { next.insert(end) }
                    if !isDeep, end < name.endIndex, name[end] == UInt8(ascii: "/") { isOpen = false }
                }
                position += isDeep ? 2 : 1
            } else {
                for end in ends where end < name.endIndex && name[end] == pattern[position] { next.insert(end + 1) }
                position += 1
            }
            ends = next
        }
        return ends.contains(name.endIndex)
    }
}
