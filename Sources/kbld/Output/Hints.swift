import ContainerImage
import ImageStore

/// The libraries' hints in the words of this command line.
enum Hints {
    /// The lines that describe `error`, with what helps.
    static func lines(describing error: any Error) -> [String] { [HintedText](describing: error).map(text) }

    /// The text with its hints in words.
    static func text(_ text: HintedText) -> String { text.text(wording: words) }

    /// The finding with its hints in words.
    static func worded(_ finding: PackageIssue) -> PackageIssue {
        var finding = finding
        finding.message = HintedText(text(finding.message))
        return finding
    }

    private static func words(for hint: Hint) -> String {
        switch hint {
        case .resolve: "with kbld -f"
        case .choosePlatform: "resolve with --platform, so that only one platform's image is carried"
        case .filterIndex: "--platform"
        case .changeDigest: "without --sparse"
        case .keepIndexWhole: "add --sparse, which keeps the digest"
        case .mirrorLayout: "--repository-layout mirror-with-host keeps images apart under their own paths"
        case .tagWithOrigin: "--tag-with-origin adds them"
        case .includeSignatures: "package with --referrers --cosign"
        case .allowPush: "add --push"
        case .namePlatform: "choose one with --platform"
        case .allowBuilds: "--build=false"
        case .logIn: "with kbld login or docker login, or set \(credentialVariables)_*"
        case .trustAuthority: "name the file of its authority, up to the root, with --registry-ca-cert-path"
        case .skipVerification: "--registry-verify-certs=false skips the check"
        case .allowPlainHTTP: "add --registry-insecure"
        case .certificateFiles: "--registry-ca-cert-path"
        case .idleTimeout: "--idle-timeout"
        case .nameBase: "name a repository that has them with --base-repository"
        case .mergeDelta: "make it whole with 'kbld package merge'"
        case .nameOutput: "give --output FILE"
        case .includeNonDistributable: "package with --include-non-distributable"
        case .compress: "add --format oci, runtime or docker-archive and --compress"
        case .wholeRegistry: "--repository-layout mirror, with a --repository without a path, makes it one"
        case .replace: "add --replace"
        case .nameTemporaryFolder: "name another folder with --temp-dir"
        case .nameDocuments: "give them with --file ('kbld --help' says more)"
        case .passPackage: "packages are given with --input, and shown by 'kbld package inspect'"
        case .passDocuments: "documents are given with --file"
        case .base: "--base"
        case .lockFile: "--lock-output"
        case .tags: "tell tags with --file DOCUMENTS; 'kbld package --record-tags' puts them into a package"
        case .serverCertificate: "--tls-cert and --tls-key"
        case .defaultTag: "take 'latest' for it with --default-tag"
        case .listFolder: "'kbld package ls' lists it, and 'kbld package extract' writes it to disk"
        case .confirmAbsence: "if its images are gone for good, name it with --gone"
        case .includeForeignLayers: "--include-non-distributable includes them"
        case .adoptTags: "--adopt"
        case .tagField: "let its tag take the digest in with --helm-tag-digest"
        }
    }

    /// What the variables that hold credentials begin with.
    static let credentialVariables = "KBLD_REGISTRY"
}
