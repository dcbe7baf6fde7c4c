import ContainerImage
public import KubernetesYAML

/// A Job of Kubernetes (`batch/v1`) that runs the program in one pod, or as an Indexed Job in as many as there are shards,
/// with the objects that it needs.
public struct CopyJob: Sendable {
    /// A text of a config map, or of a secret.
    public struct File: Sendable {
        /// The key, and the file's name in the pod.
        public var name: String
        /// What is in it.
        public var text: String

        /// Creates a file.
        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// The name of the job, and what the names of its objects begin with.
    public var name: String
    /// The namespace; nil for the one that the objects are applied to.
    public var namespace: String?
    /// The image that has the program.
    public var image: String
    /// What the program is given.
    public var arguments: [String]
    /// How many pods do a part each; nil for one that does all.
    public var completions: Int?
    /// How many of them run at once.
    public var parallelism = 1
    /// How often a part is tried again.
    public var retries = 3
    /// The documents, which go into a config map.
    public var documents: [File] = []
    /// Whether the objects that the job shares with the others of its name are written.
    public var writesObjects = true
    /// The secret of type `kubernetes.io/dockerconfigjson` that has the logins.
    public var loginSecret: String?
    /// What is in that secret, where it is to be written: a Docker `config.json`.
    public var logins: String?
    /// The claim of a volume that has the package, or documents.
    public var claim: String?

    /// Where documents are in the pod.
    public static let documentFolder = "/documents"
    /// Where the volume of the claim is in the pod.
    public static let claimFolder = "/data"
    /// What a config map may have, in bytes.
    public static let sizeLimit = 1 << 20
    /// How long a name may be: pods are called after it.
    public static let nameLimit = 45
    private static let credentialFolder = "/credentials"
    private static let temporaryFolder = "/tmp"
    private static let user: YAMLValue = 65532

    /// Creates a job.
    public init(name: String, image: String, arguments: [String]) {
        self.name = name
        self.image = image
        self.arguments = arguments
    }

    /// The objects, the job last.
    public var objects: [YAMLValue] {
        var objects: [YAMLValue] = []
        if writesObjects {
            if !documents.isEmpty {
                objects.append([
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("\(name)-documents"),
                    "data": .map(Dictionary(documents.map { ($0.name, YAMLValue.string($0.text)) }) { $1 }),
                ])
            }
            if let logins, let loginSecret {
                objects.append([
                    "apiVersion": "v1", "kind": "Secret", "metadata": metadata(loginSecret),
                    "type": "kubernetes.io/dockerconfigjson", "stringData": [".dockerconfigjson": .string(logins)],
                ])
            }
        }
        return objects + [job]
    }

    private var labels: YAMLValue {
        ["app.kubernetes.io/name": "kbld", "app.kubernetes.io/instance": .string(name)]
    }

    private func metadata(_ name: String) -> YAMLValue {
        var metadata: [String: YAMLValue] = ["name": .string(name), "labels": labels]
        if let namespace { metadata["namespace"] = .string(namespace) }
        return .map(metadata)
    }

    private var job: YAMLValue {
        var spec: [String: YAMLValue] = [
            "podFailurePolicy": ["rules": .list(Self.failureRules)],
            "template": ["metadata": ["labels": labels], "spec": pod],
        ]
        if let completions {
            spec["completionMode"] = "Indexed"
            spec["completions"] = .integer("\(completions)")
            spec["parallelism"] = .integer("\(min(parallelism, completions))")
            spec["backoffLimitPerIndex"] = .integer("\(retries)")
        } else {
            spec["backoffLimit"] = .integer("\(retries)")
        }
        let title = completions == nil ? "\(name)-finish" : name
        return ["apiVersion": "batch/v1", "kind": "Job", "metadata": metadata(title), "spec": .map(spec)]
    }

    /// What the program's exit statuses mean to the job: what a drained node or a signal ended is no failure, an error counts
    /// as one try, and where the program can't be run at all, no other try helps.
    private static let failureRules: [YAMLValue] = [
        ["action": "Ignore", "onPodConditions": [["type": "DisruptionTarget", "status": "True"]]],
        ["action": "Ignore", "onExitCodes": exitCodes([129, 130, 143])],
        ["action": "FailJob", "onExitCodes": exitCodes([126, 127, 128])],
        ["action": "Count", "onExitCodes": exitCodes([1, 137])],
    ]

    private static func exitCodes(_ codes: [Int]) -> YAMLValue {
        ["containerName": "kbld", "operator": "In", "values": .list(codes.map { .integer("\($0)") })]
    }

    private var pod: YAMLValue {
        var mounts: [YAMLValue] = []
        var volumes: [YAMLValue] = []
        func add(_ name: String, at path: String, isReadOnly: Bool = true, _ source: [String: YAMLValue]) {
            var mount: [String: YAMLValue] = ["name": .string(name), "mountPath": .string(path)]
            if isReadOnly { mount["readOnly"] = true }
            mounts.append(.map(mount))
            volumes.append(.map(source.merging(["name": .string(name)]) { $1 }))
        }
        // A compressed package, for one, is decompressed there.
        add("temporary", at: Self.temporaryFolder, isReadOnly: false, ["emptyDir": [:]])
        if !documents.isEmpty {
            add("documents", at: Self.documentFolder, ["configMap": ["name": .string("\(name)-documents")]])
        }
        if let claim {
            add(
                "data",
                at: Self.claimFolder,
                ["persistentVolumeClaim": ["claimName": .string(claim), "readOnly": true]]
            )
        }
        if let loginSecret {
            let item: YAMLValue = ["key": ".dockerconfigjson", "path": "config.json"]
            add(
                "credentials",
                at: Self.credentialFolder,
                ["secret": ["secretName": .string(loginSecret), "items": [item]]]
            )
        }
        var container: [String: YAMLValue] = [
            "name": "kbld", "image": .string(image), "args": .list(arguments.map { .string($0) }),
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": ["drop": ["ALL"]],
            ],
            "resources": ["requests": ["cpu": "250m", "memory": "128Mi"], "limits": ["memory": "512Mi"]],
            "volumeMounts": .list(mounts),
        ]
        if loginSecret != nil {
            container["env"] = [["name": "DOCKER_CONFIG", "value": .string(Self.credentialFolder)]]
        }
        return [
            "restartPolicy": "Never", "automountServiceAccountToken": false,
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": Self.user, "runAsGroup": Self.user, "fsGroup": Self.user,
                "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "containers": [.map(container)],
            "volumes": .list(volumes),
        ]
    }
}
