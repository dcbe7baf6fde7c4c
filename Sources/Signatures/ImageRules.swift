import ContainerImage
import KubernetesYAML

/// Rules for images by patterns of their repositories: documents of kind `SignaturePolicy`. The first that matches counts.
struct ImageRules: Sendable {
    private struct Rule: Sendable {
        let patterns: [String]
        let requirements: [SignaturePolicy.Requirement]
    }

    private var rules: [Rule] = []
    private var path = ""

    /// Adds the rules of a document.
    mutating func append(_ node: PolicyNode, _ keys: PolicyKeys) throws {
        path = node.path
        _ = try node.object(knowing: ["apiVersion", "kind", "metadata", "minimumRequiredVersion", "rules"])
        guard let list = try node.child("rules")?.entries(), !list.isEmpty else {
            throw node.error("expected 'rules' to be there and not empty")
        }
        for entry in list { rules.append(try Self.rule(entry, keys)) }
    }

    private static func rule(_ node: PolicyNode, _ keys: PolicyKeys) throws -> Rule {
        let map = try node.object(knowing: [
            "images", "keys", "identities", "require", "signedIdentity", "attestations",
        ])
        guard let images = node.child("images") else { throw node.error("there is no 'images'") }
        for entry in try images.entries() {
            if let problem = ImagePattern.problem(try entry.text()) { throw entry.error(problem) }
        }
        let require = try node.child("require")?.text() ?? "any"
        guard ["any", "all", "none"].contains(require) else {
            throw node.error("expected any, all or none for 'require', not '\(require)'")
        }
        guard require != "none" else {
            guard map["keys"] == nil, map["identities"] == nil, map["attestations"] == nil else {
                throw node.error("a rule that requires none has no 'keys', 'identities' or 'attestations'")
            }
            return Rule(patterns: try images.texts(), requirements: [.anything])
        }
        var signers: [AcceptedSigner] = []
        for entry in try node.child("keys")?.entries() ?? [] {
            let text = try entry.text()
            let key = text.contains("-----BEGIN ") ? try keys.key(pem: text, at: entry) : try keys.key(atPath: text)
            signers.append(.key(key))
        }
        for entry in try node.child("identities")?.entries() ?? [] {
            signers.append(.identity(try Self.signer(entry, keys)))
        }
        guard !signers.isEmpty else { throw node.error("expected 'keys' or 'identities' to be there and not empty") }
        var rule = SignatureRule(signers)
        rule.needsAll = require == "all"
        if let identity = node.child("signedIdentity") {
            rule.identity = try Self.identity(identity)
            rule.allowsNamelessBundles = false
        }
        let attestations = try node.child("attestations")?.texts() ?? []
        return Rule(
            patterns: try images.texts(),
            requirements: [.signed(rule)] + attestations.map { .attested(type: $0, by: rule.signers) }
        )
    }

    private static func signer(_ node: PolicyNode, _ keys: PolicyKeys) throws -> CertificateIdentity {
        _ = try node.object(knowing: ["identity", "identityRegexp", "issuer", "issuerRegexp", "trustedRoot"])
        func pattern(_ name: String) throws(PolicyError) -> CertificateIdentity.Pattern {
            switch (node.child(name), node.child("\(name)Regexp")) {
            case (let exact?, nil): return .exact(try exact.text())
            case (nil, let expression?):
                let text = try expression.text()
                do { return try .init(expression: text) } catch { throw expression.error("\(error)") }
            default: throw node.error("expected either '\(name)' or '\(name)Regexp'")
            }
        }
        guard let root = node.child("trustedRoot") else { throw node.error("there is no 'trustedRoot'") }
        let file = try root.text()
        return CertificateIdentity(
            subject: try pattern("identity"),
            issuer: try pattern("issuer"),
            root: try TrustedRoot(try keys.read(file), name: PolicyKeys.name(of: file))
        )
    }

    private static func identity(_ node: PolicyNode) throws(PolicyError) -> SignedIdentity {
        switch try node.text() {
        case "matchExact": .matchExact
        case "matchRepository": .matchRepository
        case let other: throw node.error("expected matchExact or matchRepository, not '\(other)'")
        }
    }

    /// What must hold for `image`: nothing that no rule is for is let through.
    func requirements(for image: DigestReference) -> [SignaturePolicy.Requirement] {
        let name = Array(ContainersPolicy.name(of: image.repository).utf8)
        let found = rules.first { $0.patterns.contains { ImagePattern.matches(Array($0.utf8)[...], name[...]) } }
        return found?.requirements ?? [.reject("no rule of the policy '\(PolicyKeys.name(of: path))' is for it")]
    }
}
