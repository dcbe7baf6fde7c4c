public import ContainerImage

/// What must be signed, and by whom.
public struct SignaturePolicy: Sendable {
    /// Something that must hold for an image. An image needs all that its policy has for it.
    public enum Requirement: Sendable {
        /// Nothing.
        case anything
        /// It can't be met, for this reason.
        case reject(String)
        /// A signature.
        case signed(SignatureRule)
        /// Something that can't be judged here, and so isn't met.
        case unsupported(String)
        /// An attestation of this type, by one of these who may sign. What it says isn't judged.
        case attested(type: String, by: [AcceptedSigner])
    }

    private enum Part: Sendable {
        case signers(SignatureRule)
        case containers(ContainersPolicy)
        case rules(ImageRules)
    }

    private var parts: [Part] = []
    private var attestations: [String]

    /// Creates a policy of several parts, which must all hold; without any, it asks for nothing.
    ///
    /// - Parameters:
    ///   - keys: Any of these, or of the identities, must have signed an image; none for a policy by files alone.
    ///   - identities: See `keys`.
    ///   - files: Policies of files.
    ///   - attestations: Types of attestations that there must be, by those who may sign the image by other parts.
    public init(
        keys: [PublicKey] = [],
        identities: [CertificateIdentity] = [],
        files: [SignaturePolicyFile] = [],
        attestations: [String] = []
    ) {
        let signers = keys.map(AcceptedSigner.key) + identities.map(AcceptedSigner.identity)
        if !signers.isEmpty { parts.append(.signers(SignatureRule(signers))) }
        for file in files {
            switch file.content {
            case .containers(let policy): parts.append(.containers(policy))
            case .rules(let rules): parts.append(.rules(rules))
            }
        }
        self.attestations = attestations
    }

    /// What must hold for `image`.
    public func requirements(for image: DigestReference) -> [Requirement] {
        var requirements = parts.flatMap { part -> [Requirement] in
            switch part {
            case .signers(let rule): [.signed(rule)]
            case .containers(let policy): policy.requirements(for: image)
            case .rules(let rules): rules.requirements(for: image)
            }
        }
        let signers = requirements.flatMap { requirement -> [AcceptedSigner] in
            if case .signed(let rule) = requirement { rule.signers } else { [] }
        }
        requirements += attestations.map { .attested(type: $0, by: signers) }
        return requirements
    }
}

/// Somebody whose signatures count.
public enum AcceptedSigner: Sendable {
    /// The owner of a key.
    case key(PublicKey)
    /// Whoever has a certificate for it.
    case identity(CertificateIdentity)

    /// What tells it from others.
    var id: String {
        switch self {
        case .key(let key): key.hint
        case .identity(let identity): identity.id
        }
    }

    /// What it is called.
    var name: String {
        switch self {
        case .key(let key): key.name
        case .identity(let identity): identity.name
        }
    }
}

/// Whose signatures an image needs.
public struct SignatureRule: Sendable {
    /// Those who may sign, or must.
    public let signers: [AcceptedSigner]
    /// Whether all of them must have signed, not one.
    public var needsAll = false
    /// What the signer must call the image; nil if that doesn't matter.
    public var identity: SignedIdentity?
    /// Whether bundles, which seldom name the image, may leave the name out.
    public var allowsNamelessBundles = true
    /// The logs, one of which must have each signature by a key; nil for none.
    public var logs: TrustedRoot?

    /// Creates a rule that one of the signers is enough for.
    public init(_ signers: [AcceptedSigner]) {
        var seen: Set<String> = []
        self.signers = signers.filter { seen.insert($0.id).inserted }
    }

    /// Creates a rule that one of the keys is enough for.
    public init(keys: [PublicKey]) { self.init(keys.map(AcceptedSigner.key)) }
}
