import ImageStore
public import KbldConfiguration
public import KubernetesYAML

extension ReferenceUpdate {
    /// The resources as they are printed, each after `---`, in their order. Several are worked on at once.
    ///
    /// - Throws: `UnknownReferenceError` for a reference that `images` lacks.
    public func texts(
        of resources: [YAMLDocument],
        _ images: [String: ResolvedImage],
        annotates: Bool,
        keepsTags: Bool = false
    ) async throws -> [String] {
        let starts = Array(stride(from: 0, to: resources.count, by: Self.batchSize))
        let batches = try await starts.concurrentMap(atMost: Self.batchLimit) { start in
            try resources[start..<min(start + Self.batchSize, resources.count)].map { resource in
                YAMLWriter.text(
                    ofDocuments: CollectionOfOne(
                        try apply(images, to: resource, annotates: annotates, keepsTags: keepsTags)
                    )
                )
            }
        }
        return batches.flatMap(\.self)
    }

    private static var batchSize: Int { 256 }
    private static var batchLimit: Int { 16 }
}
