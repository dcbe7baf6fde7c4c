import KubernetesYAML

/// Which references an override, a source or a destination is for.
public enum ImageMatcher: Sendable, Hashable {
    /// One reference, character for character.
    case image(String)
    /// All references of one repository, whatever their tag and digest.
    case imageRepo(String)

    /// Whether `reference`, as written in a document, is meant.
    public func matches(_ reference: String) -> Bool {
        switch self {
        case .image(let image): image == reference
        case .imageRepo(let repository):
            reference.hasPrefix(repository) && repository == Self.repository(of: reference) ?? reference
        }
    }

    /// The part of `reference` before tag and digest, as it is written: `nginx` stays `nginx`.
    ///
    /// - Returns: nil for a text that isn't a reference because it is empty or has several lines.
    public static func repository(of reference: String) -> String? {
        let bytes = Array(reference.utf8)
        guard !bytes.isEmpty, !bytes.contains(UInt8(ascii: "\n")) else { return nil }
        /// A digest is anything with a colon in it, and something on both sides of the colon.
        let lastColon = bytes.dropLast().lastIndex(of: UInt8(ascii: ":")) ?? -1
        func isDigest(at position: Int) -> Bool {
            bytes[position] == UInt8(ascii: "@") && lastColon >= position + 2
        }
        for position in bytes.indices.dropFirst() {
            if isDigest(at: position) { return String(decoding: bytes[..<position], as: UTF8.self) }
            guard bytes[position] == UInt8(ascii: ":") else { continue }
            let end = bytes[(position + 1)...].firstIndex { !isTagByte($0) } ?? bytes.endIndex
            guard end > position + 1, end == bytes.endIndex || isDigest(at: end) else { continue }
            return String(decoding: bytes[..<position], as: UTF8.self)
        }
        return reference
    }

    private static func isTagByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}

extension ImageMatcher: CustomStringConvertible {
    /// The reference or repository.
    public var description: String {
        switch self {
        case .image(let text), .imageRepo(let text): text
        }
    }
}

extension ImageMatcher {
    /// The fields of a config document for it.
    var fields: [String: YAMLValue] {
        switch self {
        case .image(let image): ["image": .string(image)]
        case .imageRepo(let repository): ["imageRepo": .string(repository)]
        }
    }

    /// Reads `image` or `imageRepo`; `image` counts where both are given.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let image = try node.string("image")
        let repository = try node.string("imageRepo")
        if let image {
            self = .image(image)
        } else if let repository {
            self = .imageRepo(repository)
        } else {
            throw node.error(.missing("image or imageRepo"))
        }
    }
}
