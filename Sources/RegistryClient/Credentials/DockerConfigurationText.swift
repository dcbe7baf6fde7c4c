import ContainerImage
import FoundationEssentials

/// The text of Docker's `config.json`, with logins put in and taken out. Everything else stays as it is, byte for byte.
package struct DockerConfigurationText: Sendable, Equatable {
    /// The text.
    package private(set) var bytes: [UInt8]

    /// Takes the text of a file; an empty one and `null` are a file without logins.
    ///
    /// - Throws: `CredentialError.configuration` when it is none of the form, or has something that isn't understood.
    package init(_ bytes: [UInt8], path: String) throws(CredentialError) {
        let isBlank = bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        self.bytes = isBlank || bytes == Array("null".utf8) ? Array("{}\n".utf8) : bytes
        guard JSONNesting.isWithinLimit(self.bytes),
            (try? JSONDecoder().decode([String: Anything].self, from: Data(self.bytes))) != nil,
            let members = JSONText.members(of: self.bytes, in: self.bytes.indices)
        else {
            throw .configuration(path: path, reason: "the file is not a valid docker config.json; it stays as it is")
        }
        _ = try DockerConfigurationFile(self.bytes, path: path)
        // Which of two counts, programs don't agree on.
        guard members.filter({ $0.name == "auths" }).count < 2, auths == nil || logins != nil else {
            throw .configuration(path: path, reason: "its 'auths' is not one object; it stays as it is")
        }
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }

    private var auths: JSONText.Member? {
        JSONText.members(of: bytes, in: bytes.indices)?.first { $0.name == "auths" && !isNull($0.value) }
    }

    private func isNull(_ range: Range<Int>) -> Bool { bytes[range].elementsEqual("null".utf8) }

    private var logins: [JSONText.Member]? { auths.flatMap { JSONText.members(of: bytes, in: $0.value) } }

    /// The names of the registries that have logins.
    package var names: [String] { (logins ?? []).map(\.name) }

    /// Puts a login in, in place of one of the same name.
    package mutating func set(username: String, password: String, for name: String) {
        let login = Data("\(username):\(password)".utf8).base64EncodedString()
        let entry = "{\n\t\t\t\"auth\": \"\(login)\"\n\t\t}"
        if let known = logins?.first(where: { $0.name == name }) {
            return bytes.replaceSubrange(known.value, with: entry.utf8)
        }
        let member = "\"\(Self.escaped(name))\": \(entry)"
        if let auths, let logins {
            insert("\n\t\t\(member)", into: auths.value, before: logins.first, closing: "\n\t")
        } else {
            if let empty = JSONText.members(of: bytes, in: bytes.indices)?.first(where: { $0.name == "auths" }) {
                return bytes.replaceSubrange(empty.value, with: "{\n\t\t\(member)\n\t}".utf8)
            }
            let members = JSONText.members(of: bytes, in: bytes.indices) ?? []
            insert(
                "\n\t\"auths\": {\n\t\t\(member)\n\t}",
                into: bytes.indices,
                before: members.first,
                closing: "\n"
            )
        }
    }

    /// Puts a member first into the object at `range`.
    private mutating func insert(
        _ member: String,
        into range: Range<Int>,
        before first: JSONText.Member?,
        closing: String
    ) {
        guard let brace = bytes[range].firstIndex(of: UInt8(ascii: "{")) else { return }
        if first != nil {
            bytes.insert(contentsOf: (member + ",").utf8, at: brace + 1)
        } else if let end = bytes[range].lastIndex(of: UInt8(ascii: "}")) {
            bytes.replaceSubrange((brace + 1)..<end, with: (member + closing).utf8)
        }
    }

    /// Takes out the logins whose names fit.
    ///
    /// - Returns: Whether there were any.
    package mutating func remove(where fits: (String) -> Bool) -> Bool {
        var hasRemoved = false
        while let logins, let position = logins.firstIndex(where: { fits($0.name) }) {
            var range = logins[position].range
            // With the comma behind it; of the last one, that before it.
            if position + 1 < logins.count {
                range = range.lowerBound..<(range.upperBound + 1)
            } else if position > 0 {
                range = (range.lowerBound - 1)..<range.upperBound
            }
            bytes.removeSubrange(range)
            hasRemoved = true
        }
        return hasRemoved
    }

    private static func escaped(_ name: String) -> String {
        name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
