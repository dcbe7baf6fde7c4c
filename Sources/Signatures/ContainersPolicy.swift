import ContainerImage
import KubernetesYAML

/// A policy as podman, skopeo and CRI-O have it: containers-policy.json(5).
struct ContainersPolicy: Sendable {
    private var standard: [SignaturePolicy.Requirement]
    private var scopes: [String: [SignaturePolicy.Requirement]] = [:]

    init(_ node: PolicyNode, _ keys: PolicyKeys) throws {
        let map = try node.object(knowing: ["default", "transports"])
        guard let first = node.child("default") else { throw node.error("there is no 'default'") }
        standard = try Self.requirements(first, keys)
        guard map["transports"] != nil, let transports = node.child("transports") else { return }
        guard let names = transports.value.mapValue?.keys else { throw transports.error("expected an object") }
        for name in names {
            guard ContainersScope.transports.contains(name) else {
                throw transports.error(
                    "unknown transport '\(name)'; images of registries are those of 'docker'"
                )
            }
            guard let transport = transports.child(name), let found = transport.value.mapValue?.keys else {
                throw transports.error("expected an object for '\(name)'")
            }
            for scope in found {
                guard let list = transport.child(scope) else { continue }
                if name == "docker", let problem = ContainersScope.problem(scope) {
                    throw transport.error("no image is ever in the scope '\(scope)': \(problem)")
                }
                let requirements = try Self.requirements(list, keys)
                // Images of registries are those of this transport; others are read to find mistakes.
                if name == "docker" { scopes[scope] = requirements }
            }
        }
    }

    /// What must hold for `image`, by the most specific scope.
    func requirements(for image: DigestReference) -> [SignaturePolicy.Requirement] {
        let name = Self.name(of: image.repository)
        if let found = scopes["\(name)@\(image.digest)"] { return found }
        var scope = name[...]
        while true {
            if let found = scopes[String(scope)] { return found }
            guard let slash = scope.lastIndex(of: "/") else { break }
            scope = scope[..<slash]
        }
        // What is left is the host, maybe with a port, which a wildcard doesn't have.
        var host = scope.prefix { $0 != ":" }
        while let dot = host.firstIndex(of: ".") {
            host = host[host.index(after: dot)...]
            if let found = scopes["*.\(host)"] { return found }
        }
        return scopes[""] ?? standard
    }

    /// A repository as policies name it: Docker Hub is `docker.io`, and other spellings of a host are the same one.
    static func name(of repository: Repository) -> String {
        let host = repository.registry.name.lowercased()
        return "\(host == RegistryHost.dockerHub.name ? "docker.io" : host)/\(repository.path)"
    }

    private static func requirements(_ node: PolicyNode, _ keys: PolicyKeys) throws -> [SignaturePolicy.Requirement] {
        let list = try node.entries()
        guard !list.isEmpty else { throw node.error("the list of requirements is empty") }
        return try list.map { try requirement($0, keys) }
    }

    private static func requirement(_ node: PolicyNode, _ keys: PolicyKeys) throws -> SignaturePolicy.Requirement {
        guard let type = node.child("type") else { throw node.error("there is no 'type'") }
        switch try type.text() {
        case "insecureAcceptAnything":
            _ = try node.object(knowing: ["type"])
            return .anything
        case "reject":
            _ = try node.object(knowing: ["type"])
            return .reject("the policy '\(PolicyKeys.name(of: node.path))' rejects it")
        case "signedBy":
            return .unsupported("signedBy (GPG) is not supported (\(node.field) of the policy)")
        case "sigstoreSigned": return try sigstoreSigned(node, keys)
        case let other: throw type.error("unknown type '\(other)'")
        }
    }

    private static let sources = ["keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki"]
    private static let logs = [
        "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas",
    ]

    private static func sigstoreSigned(_ node: PolicyNode, _ keys: PolicyKeys) throws -> SignaturePolicy.Requirement {
        let map = try node.object(knowing: ["type", "signedIdentity"] + sources + logs)
        let given = sources.filter { map[$0] != nil }
        guard given.count == 1, let source = node.child(given[0]) else {
            throw node.error("expected exactly one of \(sources.joined(separator: ", "))")
        }
        let rule: SignatureRule
        switch given[0] {
        case "keyPath": rule = SignatureRule(keys: [try keys.key(atPath: try source.text())])
        case "keyPaths": rule = SignatureRule(keys: try source.texts().map { try keys.key(atPath: $0) })
        case "keyData": rule = SignatureRule(keys: [try keys.key(base64: source)])
        case "keyDatas":
            let list = try source.entries()
            guard !list.isEmpty else { throw source.error("the list is empty") }
            rule = SignatureRule(keys: try list.map { try keys.key(base64: $0) })
        case "fulcio": rule = try certificates(source, logKeys(node, keys), keys)
        default: return .unsupported("pki is not supported (\(source.field) of the policy)")
        }
        var signed = rule
        let logKeys = try logKeys(node, keys)
        if given[0] != "fulcio", !logKeys.isEmpty {
            signed.logs = try trust(node, roots: [], logKeys, keys)
        }
        signed.identity = .matchRepoDigestOrExact
        if let identity = node.child("signedIdentity") {
            signed.identity = try self.identity(identity)
            signed.allowsNamelessBundles = false
        }
        return .signed(signed)
    }

    /// The keys of logs; none where the policy asks for no log.
    private static func logKeys(_ node: PolicyNode, _ keys: PolicyKeys) throws -> [PublicKey] {
        let given = logs.filter { node.child($0) != nil }
        guard given.count <= 1 else { throw node.error("expected at most one of \(logs.joined(separator: ", "))") }
        guard let name = given.first, let source = node.child(name) else { return [] }
        switch name {
        case "rekorPublicKeyPath": return [try keys.key(atPath: try source.text())]
        case "rekorPublicKeyPaths": return try source.texts().map { try keys.key(atPath: $0) }
        case "rekorPublicKeyData": return [try keys.key(base64: source)]
        default:
            let list = try source.entries()
            guard !list.isEmpty else { throw source.error("the list is empty") }
            return try list.map { try keys.key(base64: $0) }
        }
    }

    private static func certificates(
        _ node: PolicyNode,
        _ logKeys: [PublicKey],
        _ keys: PolicyKeys
    ) throws -> SignatureRule {
        let map = try node.object(knowing: ["caPath", "caData", "oidcIssuer", "subjectEmail"])
        guard (map["caPath"] == nil) != (map["caData"] == nil),
            let source = node.child("caPath") ?? node.child("caData")
        else { throw node.error("expected exactly one of caPath, caData") }
        guard let issuer = try node.child("oidcIssuer")?.text(), let email = try node.child("subjectEmail")?.text()
        else {
            throw node.error("there is no 'oidcIssuer' or no 'subjectEmail'")
        }
        guard !logKeys.isEmpty else { throw node.error("it needs one of \(logs.joined(separator: ", "))") }
        let pem = map["caPath"] == nil ? try keys.data(base64: source) : try keys.read(try source.text())
        let root = try trust(source, roots: pem, logKeys, keys)
        return SignatureRule([
            .identity(CertificateIdentity(subject: .exact(email), issuer: .exact(issuer), root: root))
        ])
    }

    private static func trust(
        _ node: PolicyNode,
        roots pem: [UInt8],
        _ logKeys: [PublicKey],
        _ keys: PolicyKeys
    ) throws(PolicyError) -> TrustedRoot {
        do throws(SignatureContentError) {
            let roots =
                pem.isEmpty ? [] : try SigningCertificate.certificates(pem: String(decoding: pem, as: UTF8.self))
            guard pem.isEmpty || !roots.isEmpty else { throw SignatureContentError("there is no certificate in PEM") }
            return try TrustedRoot(
                name: "\(PolicyKeys.name(of: keys.path)): \(node.field)",
                roots: roots,
                logKeys: logKeys
            )
        } catch {
            throw node.error(error.description)
        }
    }

    private static func identity(_ node: PolicyNode) throws(PolicyError) -> SignedIdentity {
        guard let type = node.child("type") else { throw node.error("there is no 'type'") }
        func text(_ key: String, _ problem: (String) -> String?) throws(PolicyError) -> String {
            guard let child = node.child(key) else { throw node.error("there is no '\(key)'") }
            let text = try child.text()
            if let problem = problem(text) { throw child.error(problem) }
            return text
        }
        let identity: SignedIdentity
        var known = ["type"]
        switch try type.text() {
        case "matchExact": identity = .matchExact
        case "matchRepoDigestOrExact": identity = .matchRepoDigestOrExact
        case "matchRepository": identity = .matchRepository
        case "exactReference":
            known.append("dockerReference")
            identity = .exactReference(try text("dockerReference", SignedIdentity.problem(ofReference:)))
        case "exactRepository":
            known.append("dockerRepository")
            identity = .exactRepository(try text("dockerRepository", SignedIdentity.problem(ofRepository:)))
        case "remapIdentity":
            known += ["prefix", "signedPrefix"]
            identity = .remapIdentity(
                prefix: try text("prefix", SignedIdentity.problem(ofPrefix:)),
                signedPrefix: try text("signedPrefix", SignedIdentity.problem(ofPrefix:))
            )
        case let other: throw type.error("unknown type '\(other)'")
        }
        _ = try node.object(knowing: known)
        return identity
    }
}
