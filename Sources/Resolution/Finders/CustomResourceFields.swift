/// Fields of custom resources that name images and aren't called `image`, from the documentation of their definitions.
enum CustomResourceFields {
    /// How a reference is written in a field.
    enum Form: Sendable {
        /// All of it, with a tag or digest.
        case reference
        /// As `NAME=REF` or `REF`.
        case assignment
        /// After `oci://` or `docker://`.
        case address
    }

    /// The way to a field.
    struct Field: Sendable {
        /// The keys that are left; `*` is any key, or any entry of a list.
        var path: ArraySlice<String>
        var form: Form

        /// What is left after a step; nil where the step leads elsewhere.
        func advanced(by step: String) -> Field? {
            guard let first = path.first, first == step || first == "*" else { return nil }
            return Field(path: path.dropFirst(), form: form)
        }
    }

    /// The fields of resources of this version and kind.
    static func fields(of version: String, _ kind: String) -> [Field] {
        let group = String(version.prefix { $0 != "/" })
        return (table[group] ?? []).filter { $0.kind == kind || $0.kind == "*" }.flatMap { entry in
            entry.paths.map { Field(path: $0.split(separator: ".").map(String.init)[...], form: entry.form) }
        }
    }

    /// Whether a key of a custom resource is named after an image: `initImage`, `dockerImage`, `imageName`.
    static func isImageKey(_ key: String) -> Bool {
        let name = key.lowercased()
        return ["image", "imagename", "image_name", "imageurl", "imageref", "imagereference"].contains {
            name.hasSuffix($0)
        }
    }

    private struct Entry: Sendable {
        var kind: String
        var paths: [String]
        var form = Form.reference
    }

    private static let table: [String: [Entry]] = [
        "argoproj.io": [
            Entry(
                kind: "Application",
                paths: ["spec.source.kustomize.images.*", "spec.sources.*.kustomize.images.*"],
                form: .assignment
            ),
            Entry(
                kind: "ApplicationSet",
                paths: [
                    "spec.template.spec.source.kustomize.images.*", "spec.template.spec.sources.*.kustomize.images.*",
                ],
                form: .assignment
            ),
        ],
        "build.openshift.io": [
            Entry(
                kind: "BuildConfig",
                paths: [
                    "spec.strategy.dockerStrategy.from.name", "spec.strategy.sourceStrategy.from.name",
                    "spec.strategy.customStrategy.from.name",
                ]
            )
        ],
        "cdi.kubevirt.io": [
            Entry(kind: "DataVolume", paths: ["spec.source.registry.url"], form: .address),
            Entry(kind: "DataImportCron", paths: ["spec.template.spec.source.registry.url"], form: .address),
        ],
        "data.packaging.carvel.dev": [Entry(kind: "Package", paths: ["spec.template.spec.fetch.*.image.url"])],
        "extensions.istio.io": [Entry(kind: "WasmPlugin", paths: ["spec.url"], form: .address)],
        "gateway.envoyproxy.io": [Entry(kind: "EnvoyExtensionPolicy", paths: ["spec.wasm.*.code.image.url"])],
        "hive.openshift.io": [Entry(kind: "ClusterImageSet", paths: ["spec.releaseImage"])],
        "image.openshift.io": [Entry(kind: "ImageStream", paths: ["spec.tags.*.from.name"])],
        "kappctrl.k14s.io": [Entry(kind: "App", paths: ["spec.fetch.*.image.url"])],
        "machineconfiguration.openshift.io": [Entry(kind: "MachineConfig", paths: ["spec.osImageURL"])],
        "olm.operatorframework.io": [Entry(kind: "ClusterCatalog", paths: ["spec.source.image.ref"])],
        "operator.knative.dev": [Entry(kind: "*", paths: ["spec.registry.override.*"])],
        "operators.coreos.com": [
            Entry(kind: "ClusterServiceVersion", paths: ["metadata.annotations.containerImage"])
        ],
        "packaging.carvel.dev": [Entry(kind: "PackageRepository", paths: ["spec.fetch.image.url"])],
        "pkg.crossplane.io": [Entry(kind: "*", paths: ["spec.package"])],
        "platform.confluent.io": [Entry(kind: "*", paths: ["spec.image.application", "spec.image.init"])],
        "acid.zalan.do": [
            Entry(kind: "postgresql", paths: ["spec.dockerImage"]),
            Entry(kind: "OperatorConfiguration", paths: ["configuration.sidecar_docker_images.*"]),
        ],
        "postgresql.cnpg.io": [
            Entry(kind: "Cluster", paths: ["spec.postgresql.extensions.*.image.reference"])
        ],
        "serving.kserve.io": [
            Entry(
                kind: "InferenceService",
                paths: ["spec.predictor.*.storageUri", "spec.predictor.storageUri", "spec.transformer.*.storageUri"],
                form: .address
            ),
            Entry(kind: "ClusterStorageContainer", paths: ["spec.container.image"]),
        ],
        "tekton.dev": [
            Entry(
                kind: "*",
                paths: [
                    "spec.taskRef.bundle", "spec.pipelineRef.bundle", "spec.tasks.*.taskRef.bundle",
                    "spec.finally.*.taskRef.bundle", "spec.pipelineSpec.tasks.*.taskRef.bundle",
                ]
            )
        ],
    ]
}
