/// Why a text is no image reference, repository, tag or registry.
public struct ReferenceError: Error, Sendable, Equatable {
    /// The text that was given.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    /// What can be wrong with a reference.
    public enum Reason: Sendable, Equatable {
        /// There is no text.
        case empty
        /// It begins with `http://` or `https://`.
        case scheme
        /// The host part is no host.
        case badRegistry(String)
        /// The repository's path is too short or too long.
        case repositoryLength(Int)
        /// The path holds capitals.
        case capitals
        /// The path holds a character that none may.
        case badCharacter(Character)
        /// Two slashes follow each other, or one stands at an end.
        case emptyPathPart
        /// A part of the path is `.` or `..`, which means another path in an address.
        case dotPathPart
        /// The tag is too short or too long.
        case tagLength(Int)
        /// The tag holds a character that none may.
        case badTag(String)
        /// The tag is `.` or `..`.
        case dotTag(String)
        /// What follows `@` is no digest.
        case badDigest(DigestError)
        /// A digest was needed and there is none.
        case noDigest
    }
}

extension ReferenceError: HintedError {
    /// What is wrong, with the text.
    public var message: HintedText { "image reference '\(text)': \(explanation)" }

    private var explanation: HintedText {
        switch reason {
        case .empty: "it is empty; it must be a name such as nginx or registry.example.com/app:1.0"
        case .scheme: "it must not begin with http:// or https://; leave that out"
        case .badRegistry(let host): "'\(host)' is not a registry's host and port"
        case .repositoryLength(let length):
            "the repository's name has \(length) characters; there must be 2 to 255"
        case .capitals: "a repository's name must be in lower case"
        case .badCharacter(let character):
            "'\(character)' can't stand in a repository's name; only a-z, 0-9, '_', '-', '.' and '/' can"
        case .emptyPathPart: "between two slashes of a repository's name there must be something"
        case .dotPathPart: "no part of a repository's name may be '.' or '..'"
        case .tagLength(let length): "the tag has \(length) characters; there must be 1 to 128"
        case .badTag(let tag): "'\(tag)' is not a tag: only letters, digits, '_', '-' and '.' can stand in one"
        case .dotTag(let tag): "'\(tag)' is not a tag: it would mean another path in an address"
        case .badDigest(let error): "\(error)"
        case .noDigest: "it has no digest (…@sha256:…); resolve it first\(hint: .resolve, after: ", ")"
        }
    }
}
