public import ContainerImage
import SystemPackage

/// The bytes of an input: a file, the files of a folder, standard input, or an address.
enum DocumentLoader {
    struct Input: Sendable {
        let name: String
        let bytes: [UInt8]
    }

    /// What `name` means: one input, or those of a folder.
    static func read(_ name: String, by web: WebSettings) async throws -> [Input] {
        if name == "-" {
            return [Input(name: "stdin", bytes: try contents(of: .standardInput, named: "standard input"))]
        }
        if name.hasPrefix("http://") || name.hasPrefix("https://") {
            return [try await fetch(name, by: web)]
        }
        return try Self.files(of: name)
    }
}

/// An unreadable input.
public struct InputError: HintedError, Sendable {
    /// The file, folder or address.
    public let name: String
    /// What happened.
    public let reason: String

    /// What helps, where something does.
    public private(set) var hint: Hint?

    init(name: String, reason: String, hint: Hint? = nil) {
        self.name = name
        self.reason = reason
        self.hint = hint
    }

    /// What can't be read, and why.
    public var message: HintedText {
        let text = HintedText("Reading '\(name)': \(reason)")
        return hint.map { text + "\(hint: $0, after: "; ")" } ?? text
    }
}
