import ContainerImage
import DocumentInput
import KbldConfiguration
import KubernetesYAML
import Resolution

/// The images of documents, unresolved.
public struct ListingWorkflow: Sendable {
    /// One reference of a resource.
    public struct Entry: Sendable {
        /// The reference.
        public let reference: String
        /// What the resource notes of its origins, as YAML; empty where it notes nothing.
        public let origins: String
        /// The resource in words.
        public let resource: String
    }

    /// The references, sorted by themselves and by their resources.
    public let entries: [Entry]

    /// Reads documents; no registry is asked.
    ///
    /// - Throws: What is wrong with the documents.
    public init(of files: [String], in context: WorkflowContext) async throws {
        let manifests = try await context.documents(in: files)
        let update = ReferenceUpdate(manifests.configuration)
        let entries = manifests.resources.flatMap { resource in
            let noted = ImagesAnnotation.images(in: resource.value, readsOldForm: false)
            let description = ResourceDescription.text(of: resource.value)
            return update.references(in: resource).map { reference in
                let url = reference.contains("@") ? (try? DigestReference(reference))?.description : nil
                let origins = noted.first { $0.url == reference || $0.url == url }?.origins ?? []
                let text = origins.isEmpty ? "" : YAMLWriter.text(of: .list(origins.map(\.value)))
                return Entry(
                    reference: reference,
                    origins: String(text.dropLast(text.hasSuffix("\n") ? 1 : 0)),
                    resource: description
                )
            }
        }
        self.entries = entries.sorted { ($0.reference, $0.resource) < ($1.reference, $1.resource) }
    }
}
