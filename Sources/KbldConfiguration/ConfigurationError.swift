public import ContainerImage

/// What is wrong in a config document, and where.
public struct ConfigurationError: Error, Sendable, Equatable {
    /// The file.
    public let file: String
    /// The document's position in the file.
    public let document: Int
    /// The line on which the document begins.
    public let line: Int
    /// The document's kind.
    public let kind: String
    /// The path of the field within the document: `overrides[0].newImage`; empty for the whole.
    public let field: String
    /// What is wrong.
    public let reason: Reason

    /// What can be wrong with a field.
    public enum Reason: Sendable, Equatable {
        /// There is none, or it is empty. The name says which would do.
        case missing(String)
        /// It isn't there, but one with nearly its name.
        case misspelt(String, meant: String)
        /// It holds something else than what is named.
        case wrongType(expected: String)
        /// A builder has no such option; what it has follows.
        case unknownOption(String, known: [String])
        /// Of these only one may be given.
        case tooMany([String])
        /// The minimum version begins with a `v`.
        case versionWithPrefix(String)
        /// This program is older than the config asks for.
        case tooOld(running: SemanticVersion, required: String)
        /// A version isn't well-formed.
        case badVersion(SemanticVersionError)
        /// A version constraint isn't well-formed.
        case badConstraint(VersionConstraintError)
        /// A tag isn't well-formed.
        case badTag(ReferenceError)
        /// An image of a lock isn't one by digest.
        case badLockedImage(ReferenceError)
        /// The origins of a lock's image can't be read; what the YAML reader says follows.
        case badOrigins(String)
    }
}

extension ConfigurationError: HintedError {
    /// What is wrong, with file, document and field.
    public var message: HintedText {
        let place = "\(file), document \(document) (line \(line)), kind \(kind)"
        return field.isEmpty ? "\(place): \(explanation)" : "\(place): \(field): \(explanation)"
    }

    private var explanation: HintedText {
        switch reason {
        case .missing(let name): "expected \(name) to be there and not empty"
        case .misspelt(let found, let name): "there is '\(found)', but no '\(name)'; did you mean that?"
        case .wrongType(let expected): "expected \(expected)"
        case .unknownOption(let option, let known):
            "there is no option '\(option)'; "
                + (Spelling.nearest(to: option, among: known).map { "did you mean '\($0)'? " } ?? "")
                + "known are \(known.joined(separator: ", "))"
        case .tooMany(let names): "only one of \(names.joined(separator: ", ")) can be given"
        case .versionWithPrefix(let version):
            "'\(version)' must not have the prefix 'v'; write '\(version.dropFirst())'"
        case .tooOld(let running, let required):
            "kbld \(running) does not meet the minimum required version '\(required)'; install a newer kbld"
        case .badVersion(let error): "\(error)"
        case .badConstraint(let error): "\(error)"
        case .badTag(let error): "\(error)"
        case .badLockedImage(let error) where !error.text.contains("@"):
            "expected an image by digest (registry/app@sha256:…), not '\(error.text)'"
        case .badLockedImage(let error): "expected an image by digest: \(error)"
        case .badOrigins(let fault): "the origins are not valid YAML: \(fault)"
        }
    }
}
