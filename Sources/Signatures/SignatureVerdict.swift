public import ContainerImage

/// A manifest, and the signatures that were found for it.
public struct SignedSubject: Sendable {
    /// The manifest.
    public let digest: Digest
    /// Its bytes.
    public let manifest: [UInt8]
    /// The signatures that were found.
    public var signatures: [ImageSignature]
    /// What was found and can't be read as a signature, a line for each.
    public var problems: [String]

    /// Creates a subject.
    public init(digest: Digest, manifest: [UInt8], signatures: [ImageSignature] = [], problems: [String] = []) {
        self.digest = digest
        self.manifest = manifest
        self.signatures = signatures
        self.problems = problems
    }
}

/// Whether an image is signed as a policy asks.
public struct SignatureVerdict: Sendable {
    /// A signature that holds.
    public struct Proof: Sendable, Hashable {
        /// What the key is called, or whom the certificate was issued to.
        public internal(set) var key: String
        /// Which key it is, or certificate.
        public internal(set) var fingerprint: String
        /// Who vouched for whom the certificate was issued to; nil for a key.
        public internal(set) var issuer: String?
        /// When it was signed, in seconds since 1970, as a log or an authority of timestamps says; nil for a key.
        public internal(set) var signedAt: Int64?
        /// Where the signature is kept.
        public let form: ImageSignature.Form
        /// What is signed: the image, or an index that leads to it.
        public let subject: Digest
        /// What it attests; nil for a signature.
        public let predicateType: String?
    }

    /// The image.
    public let image: DigestReference
    /// The signatures that the policy asked for.
    public internal(set) var proofs: [Proof] = []
    /// What isn't as the policy asks: what was looked for, and what was found.
    public internal(set) var problems: [String] = []
    /// What was found on the way and can't be read.
    public internal(set) var remarks: [String] = []

    /// Those of the problems that nobody can judge here: the policy asks for what isn't supported.
    public internal(set) var unsupported: [String] = []

    /// Whether the policy lets the image through.
    public var isAccepted: Bool { problems.isEmpty }

    /// Whether any signature was found, of whatever worth.
    public internal(set) var foundAny = false
}

extension SignaturePolicy {
    /// Whether `image` is signed as the policy asks.
    ///
    /// - Parameter subjects: The image itself and, after it, the indexes that lead to it by digest: a signature of any will
    ///   do.
    public func verdict(on image: DigestReference, signed subjects: [SignedSubject]) async -> SignatureVerdict {
        var verdict = SignatureVerdict(image: image)
        verdict.remarks = subjects.flatMap(\.problems)
        verdict.foundAny = subjects.contains { !$0.signatures.isEmpty || !$0.problems.isEmpty }
        for requirement in requirements(for: image) {
            switch requirement {
            case .anything: break
            case .reject(let reason): verdict.problems.append(reason)
            case .unsupported(let reason):
                verdict.problems.append(reason)
                verdict.unsupported.append(reason)
            case .signed(let rule):
                let search = SignatureSearch(image: image, subjects: subjects, rule: rule, predicateType: nil)
                await search.run(&verdict)
            case .attested(let type, let signers):
                let rule = SignatureRule(signers)
                let search = SignatureSearch(image: image, subjects: subjects, rule: rule, predicateType: type)
                await search.run(&verdict)
            }
        }
        // Several parts of a policy may ask for the same.
        var (proofs, problems): (Set<SignatureVerdict.Proof>, Set<String>) = ([], [])
        verdict.proofs.removeAll { !proofs.insert($0).inserted }
        verdict.problems.removeAll { !problems.insert($0).inserted }
        return verdict
    }
}
