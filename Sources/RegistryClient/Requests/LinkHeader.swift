/// Where a list goes on, as the `Link` headers of an answer tell it (RFC 8288).
///
/// Registries leave out the brackets or the relation, or quote it with apostrophes: that is understood as well, a link
/// without relation as the next page.
package struct LinkHeader: Sendable, Equatable {
    /// The address of the next page as given; nil at the end of the list.
    package let next: String?

    /// Reads the values of an answer's `Link` headers.
    ///
    /// - Throws: `LinkHeaderError` for a malformed one: the rest of a list must not be missed.
    package init(_ values: [String]) throws(LinkHeaderError) {
        var next: String?
        var unnamed: String?
        for value in values {
            var parser = LinkParser(value)
            while let link = try parser.next() {
                if let relation = link.relation {
                    if next == nil, Self.isNext(relation) { next = link.target }
                } else if unnamed == nil {
                    unnamed = link.target
                }
            }
        }
        self.next = next ?? unnamed
    }

    private static func isNext(_ relations: String) -> Bool {
        relations.lowercased().split { $0 == " " || $0 == "\t" }.contains("next")
    }
}

/// A malformed `Link` header.
package struct LinkHeaderError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    package var description: String { "the Link header is malformed" }
}

/// Reads links one after the other, each byte once.
private struct LinkParser {
    private var rest: ArraySlice<UInt8>

    init(_ value: String) { rest = Array(value.utf8)[...] }

    /// The next link, nil after the last one.
    mutating func next() throws(LinkHeaderError) -> (target: String, relation: String?)? {
        skip(" \t,")
        guard let first = rest.first else { return nil }
        var target: ArraySlice<UInt8>
        if first == UInt8(ascii: "<") {
            rest.removeFirst()
            target = take { $0 != UInt8(ascii: ">") }
            guard rest.popFirst() != nil else { throw LinkHeaderError() }
        } else {
            target = take { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            guard Self.isAddress(target) else { throw LinkHeaderError() }
        }
        while let byte = target.first, byte == 32 || byte == 9 { target.removeFirst() }
        while let byte = target.last, byte == 32 || byte == 9 { target.removeLast() }
        let relation = try parameters()
        return (String(decoding: target, as: UTF8.self), relation)
    }

    /// The value of the first `rel` among the parameters up to the next link.
    private mutating func parameters() throws(LinkHeaderError) -> String? {
        var relation: String?
        while true {
            skip(" \t")
            guard let byte = rest.first, byte != UInt8(ascii: ",") else { return relation }
            guard byte == UInt8(ascii: ";") else { throw LinkHeaderError() }
            skip(" \t;")
            let name = take { !" \t;,=".utf8.contains($0) }
            skip(" \t")
            var value = ""
            if rest.first == UInt8(ascii: "=") {
                rest.removeFirst()
                skip(" \t")
                value = try self.value()
            }
            if relation == nil, String(decoding: name, as: UTF8.self).lowercased() == "rel" { relation = value }
        }
    }

    /// A token, or a string in quotation marks or apostrophes.
    private mutating func value() throws(LinkHeaderError) -> String {
        guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return String(decoding: take { !" \t;,".utf8.contains($0) }, as: UTF8.self)
        }
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == quote { return String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                bytes.append(escaped)
            } else {
                bytes.append(byte)
            }
        }
        throw LinkHeaderError()
    }

    /// Whether a value without brackets looks like an address.
    private static func isAddress(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, !bytes.contains(UInt8(ascii: ">")), !bytes.contains(UInt8(ascii: "\"")) else {
            return false
        }
        return first == UInt8(ascii: "/") || first == UInt8(ascii: "?") || bytes.starts(with: "http://".utf8)
            || bytes.starts(with: "https://".utf8)
    }

    private mutating func skip(_ characters: String) {
        rest = rest.drop { characters.utf8.contains($0) }
    }

    private mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let taken = rest.prefix(while: condition)
        rest = rest[taken.endIndex...]
        return taken
    }
}
