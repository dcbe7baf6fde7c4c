public import ContainerImage

/// A runtime that didn't take images.
public enum LoadError: MultilineError, Sendable {
    /// A program isn't there.
    case noProgram(String)
    /// A program failed, in its own words.
    case failed(String, String)
    /// A runtime doesn't have all of the images afterwards.
    case lacking(String, [String])
    /// There can be no temporary file.
    case noTemporary(String, String)

    /// What happened, and with which images.
    public var lines: [HintedText] {
        switch self {
        case .noProgram(let program): ["There is no program '\(program)' in PATH, which loads the images"]
        case .failed(let program, let words): [HintedText("\(program): \(words)")]
        case .lacking(let runtime, let names):
            ["\(runtime) doesn't have these images under their digests now:"] + names.map { HintedText("- \($0)") }
        case .noTemporary(let folder, let reason): ["There can be no file in '\(folder)': \(HintedText(reason))"]
        }
    }
}
