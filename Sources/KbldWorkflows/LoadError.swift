public import ContainerImage

/// A runtime that didn't take images.
public enum LoadError: MultilineError, Sendable {
    /// None of these programs is there.
    case noProgram([String])
    /// A program failed, in its own words.
    case failed(String, String)
    /// A runtime doesn't have all of the images afterwards.
    case lacking(String, [String])
    /// Nodes of a cluster don't have all of the images afterwards: the nodes, and what each lacks.
    case nodesLacking(String, [String])
    /// A cluster has no nodes.
    case noNodes(String)
    /// A file that is there has other images, or isn't a package.
    case wouldReplace(String, [String])
    /// There can be no temporary file.
    case noTemporary(String, String)

    /// What happened, and with which images.
    public var lines: [HintedText] {
        switch self {
        case .noProgram(let programs):
            ["There is no program \(HintedText(Self.alternatives(programs))) in PATH, which loads the images"]
        case .failed(let program, let words): [HintedText("\(program): \(words)")]
        case .lacking(let runtime, let names):
            ["\(runtime) doesn't have these images under their digests now:"] + names.map { HintedText("- \($0)") }
        case .nodesLacking(let cluster, let names):
            ["Nodes of the cluster '\(cluster)' don't have these images under their digests now:"]
                + names.map { HintedText("- \($0)") }
        case .noNodes(let cluster): ["The cluster '\(cluster)' of kind has no nodes"]
        case .wouldReplace(let path, []):
            [
                "'\(path)' is there and can't be read as a package: it isn't replaced; remove it"
                    + "\(hint: .replace, after: ", or ")"
            ]
        case .wouldReplace(let path, let names):
            [
                "'\(path)' is there with other images, and isn't replaced; rename the package, or remove the file"
                    + "\(hint: .replace, after: ", or "):"
            ] + names.map { HintedText("- \($0)") }
        case .noTemporary(let folder, let reason):
            ["There can be no file in '\(folder)': \(HintedText(reason))\(hint: .nameTemporaryFolder, after: "; ")"]
        }
    }

    private static func alternatives(_ names: [String]) -> String {
        names.map { "'\($0)'" }.joined(separator: " or ")
    }
}
