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
        /// An attestation of this type, by one of these keys. What it says isn't judged.
        case attested(type: String, keys: [PublicKey])
    }

    private enum Part: Sendable {
        case keys([PublicKey])
        case containers(ContainersPolicy)
        case rules(ImageRules)
    }

    private var parts: [Part] = []
    private var attestations: [String]

    /// Creates a policy of several parts, which must all hold; without any, it asks for nothing.
    ///
    /// - Parameters:
    ///   - keys: Any of these must have signed an image; none for a policy by files alone.
    ///   - files: Policies of files.
    ///   - attestations: Types of attestations that there must be, by keys that the other parts have for the image.
    public init(keys: [PublicKey] = [], files: [SignaturePolicyFile] = [], attestations: [String] = []) {
        if !keys.isEmpty { parts.append(.keys(keys)) }
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
            case .keys(let keys): [.signed(SignatureRule(keys: keys))]
            case .containers(let policy): policy.requirements(for: image)
            case .rules(let rules): rules.requirements(for: image)
            }
        }
        let keys = requirements.flatMap { requirement -> [PublicKey] in
            if case .signed(let rule) = requirement { rule.keys } else { [] }
        }
        requirements += attestations.map { .attested(type: $0, keys: keys) }
        return requirements
    }
}

/// Whose signatures an image needs.
public struct SignatureRule: Sendable {
    /// Those who may sign, or must.
    public var keys: [PublicKey]
    /// Whether all of the keys must have signed, not one of them.
    public var needsAll = false
    /// What the signer must call the image; nil if that doesn't matter.
    public var identity: SignedIdentity?
    /// Whether bundles, which seldom name the image, may leave the name out.
    public var allowsNamelessBundles = true

    /// Creates a rule that one of the keys is enough for.
    public init(keys: [PublicKey]) {
        var seen: Set<String> = []
        self.keys = keys.filter { seen.insert($0.hint).inserted }
    }
}
