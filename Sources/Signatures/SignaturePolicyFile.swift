import ContainerImage
import FoundationEssentials
import KubernetesYAML

/// A policy of a file: containers-policy.json(5), or a document of our own kind.
public struct SignaturePolicyFile: Sendable {
    enum Content: Sendable {
        case containers(ContainersPolicy)
        case rules(ImageRules)
    }

    let content: Content

    /// How long a policy may be, in bytes.
    public static let sizeLimit = 1 << 20
    /// The group and version of our own kind.
    public static let apiVersion = "kbld.k14s.io/v1alpha1"
    /// Our own kind of documents.
    public static let kind = "SignaturePolicy"

    /// Reads a policy.
    ///
    /// - Parameters:
    ///   - path: The file that `bytes` are from.
    ///   - read: Gives the bytes of the file of a key or trusted root, named as the policy names it.
    /// - Throws: `PolicyError`, `PublicKeyError`, `TrustedRootError`, and what `read` throws.
    public init(_ bytes: [UInt8], path: String, reading read: @escaping (String) throws -> [UInt8]) throws {
        guard bytes.count <= Self.sizeLimit else { throw PolicyError(path, "", "it is longer than 1 MiB") }
        let documents = try YAMLReader.documents(in: bytes, file: path).map(\.value).filter { $0 != .null }
        let keys = PolicyKeys(path: path, read: read)
        let own = documents.filter {
            $0["apiVersion"]?.stringValue == Self.apiVersion && $0["kind"]?.stringValue == Self.kind
        }
        if !own.isEmpty {
            guard own.count == documents.count else {
                throw PolicyError(path, "", "it has other documents than those of kind \(Self.kind)")
            }
            guard own.count == 1 else {
                throw PolicyError(path, "", "it has \(own.count) documents; put their rules into one")
            }
            if let repeated = RepeatedKey.first(in: bytes) {
                let reason: JSONAmbiguityError = .twice(repeated.key)
                throw PolicyError(path, "", "line \(repeated.line): \(reason)")
            }
            var rules = ImageRules()
            try rules.append(PolicyNode(value: own[0], field: "", path: path), keys)
            content = .rules(rules)
            return
        }
        guard documents.count == 1, documents[0].mapValue != nil else {
            throw PolicyError(path, "", "it is neither a containers-policy.json nor of kind \(Self.kind)")
        }
        guard JSONNesting.isWithinLimit(bytes) else { throw PolicyError(path, "", "its JSON is nested too deep") }
        do throws(JSONAmbiguityError) {
            try JSONShape.anything.check(bytes)
        } catch {
            throw PolicyError(path, "", "\(error)")
        }
        content = .containers(try ContainersPolicy(PolicyNode(value: documents[0], field: "", path: path), keys))
    }
}

/// The keys that a policy names.
struct PolicyKeys {
    let path: String
    let read: (String) throws -> [UInt8]

    func key(atPath file: String) throws -> PublicKey { try PublicKey(pem: try read(file), name: Self.name(of: file)) }

    func key(pem text: String, at node: PolicyNode) throws -> PublicKey {
        try PublicKey(pem: Array(text.utf8), name: "\(Self.name(of: path)): \(node.field)")
    }

    func key(base64 node: PolicyNode) throws -> PublicKey {
        try PublicKey(pem: try data(base64: node), name: "\(Self.name(of: path)): \(node.field)")
    }

    func data(base64 node: PolicyNode) throws(PolicyError) -> [UInt8] {
        guard let data = Data(base64Encoded: try node.text()), !data.isEmpty else {
            throw node.error("it is not base64")
        }
        return Array(data)
    }

    static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
