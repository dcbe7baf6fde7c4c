public import KubernetesYAML

extension Configuration {
    /// The group and version of config documents.
    public static let apiVersion = "kbld.k14s.io/v1alpha1"

    static let kinds: Set<String> = ["Config", "Sources", "ImageOverrides", "ImageDestinations", "ImageKeys"]

    /// Whether a document is configuration: a config document of a known kind, or an images lock.
    public static func isConfiguration(_ document: YAMLValue) -> Bool {
        switch (document["apiVersion"]?.stringValue, document["kind"]?.stringValue) {
        case (apiVersion?, let kind?): kinds.contains(kind)
        case (ImagesLock.apiVersion?, ImagesLock.kind?): true
        default: false
        }
    }

    /// Takes the config documents and images locks out of `documents` and reads them.
    ///
    /// Every kind of config document may hold every section; unknown fields are ignored. Documents of a
    /// kind that isn't known are resources.
    ///
    /// - Parameters:
    ///   - documents: The documents in order.
    ///   - version: The version of this program, which `minimumRequiredVersion` is compared with.
    /// - Returns: What the config documents say together, and all other documents in order.
    /// - Throws: `ConfigurationError` with the first fault.
    public static func extract(
        from documents: [YAMLDocument],
        version: SemanticVersion
    ) throws(ConfigurationError) -> (configuration: Configuration, resources: [YAMLDocument]) {
        var configuration = Configuration()
        var resources: [YAMLDocument] = []
        resources.reserveCapacity(documents.count)
        for document in documents {
            switch (document.value["apiVersion"]?.stringValue, document.value["kind"]?.stringValue) {
            case (apiVersion?, let kind?) where kinds.contains(kind):
                configuration.append(try Configuration(ConfigurationNode(document), version: version))
            case (ImagesLock.apiVersion?, ImagesLock.kind?):
                configuration.overrides += try ImagesLock.overrides(in: ConfigurationNode(document))
            default: resources.append(document)
            }
        }
        return (configuration, resources)
    }

    private init(_ node: ConfigurationNode, version: SemanticVersion) throws(ConfigurationError) {
        self.init()
        try Self.checkVersion(node, running: version)
        for source in try node.maps("sources") { sources.append(try BuildSource(source)) }
        for override in try node.maps("overrides") { overrides.append(try ImageOverride(override)) }
        for destination in try node.maps("destinations") { destinations.append(try BuildDestination(destination)) }
        for key in try node.list("keys") {
            let name = try key.text()
            guard !name.isEmpty else { throw key.error(.missing("a key")) }
            keys.append(name)
        }
        for name in try node.list("find") {
            guard let named = ImageFinder.named(try name.text()) else {
                throw name.error(.wrongType(expected: "one of \(ImageFinder.names.joined(separator: ", "))"))
            }
            finders.formUnion(named)
        }
        keepsNonReferences = try node.flag("allowNonReferences") ?? false
        for rule in try node.maps("searchRules") { searchRules.append(try SearchRule(rule)) }
    }

    private static func checkVersion(
        _ node: ConfigurationNode,
        running: SemanticVersion
    ) throws(ConfigurationError) {
        guard let required = try node.string("minimumRequiredVersion"),
            let field = node.child("minimumRequiredVersion")
        else { return }
        guard !required.hasPrefix("v") else { throw field.error(.versionWithPrefix(required)) }
        let minimum: SemanticVersion
        do {
            minimum = try SemanticVersion(shortened: required)
        } catch {
            throw field.error(.badVersion(error))
        }
        // Build metadata, after a plus sign, does not affect the order.
        guard running.withoutBuild >= minimum.withoutBuild else {
            throw field.error(.tooOld(running: running, required: required))
        }
    }
}
