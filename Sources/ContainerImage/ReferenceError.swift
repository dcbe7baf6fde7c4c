/// The reason a string is not a valid image reference, repository, tag or registry.
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
        /// The host part is not a valid host.
        case badRegistry(String)
        /// The repository's path is too short or too long.
        case repositoryLength(Int)
        /// The path holds capitals.
        case capitals
        /// The path holds a character that none may.
        case badCharacter(Character)
        /// Two slashes follow each other, or one is at an end.
        case emptyPathPart
        /// A part of the path is `.` or `..`, which means another path in an address.
        case dotPathPart
        /// The tag is too short or too long.
        case tagLength(Int)
        /// The tag holds a character that none may.
        case badTag(String)
        /// The tag is `.` or `..`.
        case dotTag(String)
        /// What follows `@` is not a digest.
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
        case .scheme: "it must not begin with http:// or https://; remove the scheme"
        case .badRegistry(let host): "'\(host)' is not a valid registry host and port"
        case .repositoryLength(let length):
            "the repository name has \(Count.text(length, "character")); it must have 2 to 255"
        case .capitals: "a repository name must be lowercase"
        case .badCharacter(let character):
            "invalid character '\(character)' in repository name (allowed: a-z, 0-9, '_', '-', '.' and '/')"
        case .emptyPathPart: "a repository name must not have empty path components"
        case .dotPathPart: "a repository name must not have '.' or '..' as a path component"
        case .tagLength(let length): "the tag has \(length) character\(length == 1 ? "" : "s"); it must have 1 to 128"
        case .badTag(let tag): "'\(tag)' is not a valid tag (allowed: letters, digits, '_', '-' and '.')"
        case .dotTag(let tag): "'\(tag)' is not a valid tag: in a URL it would mean another path"
        case .badDigest(let error): "\(error)"
        case .noDigest: "it has no digest (…@sha256:…); resolve it first\(hint: .resolve, after: ", ")"
        }
    }
}
