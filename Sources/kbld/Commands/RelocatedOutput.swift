import DocumentInput
import KbldConfiguration
import KubernetesYAML
import Resolution

/// What is written once images are in their new repository.
struct RelocatedOutput {
    let manifests: InputDocuments

    /// Writes the lock file if there is to be one, and prints the documents with their new references.
    func write(images: [String: ResolvedImage], lockOutput: String?, to console: Console) throws {
        let update = ReferenceUpdate(manifests.configuration)
        let hasOrigins = images.values.contains { !$0.origins.isEmpty }
        let output = try manifests.resources.map {
            try update.apply(images, to: $0, annotates: hasOrigins, keepsNotes: true)
        }
        if let lockOutput, !lockOutput.isEmpty { try TextFile.write(try lock(images).text, to: lockOutput) }
        for value in output { try console.block(YAMLWriter.text(ofDocuments: [value])) }
        try console.finish()
    }

    private func lock(_ images: [String: ResolvedImage]) throws -> LockOutput {
        var entries: [LockOutput.Entry] = []
        for override in manifests.configuration.overrides where override.preresolved {
            guard let image = images[override.newImage] else {
                throw MissingImagesError(references: [override.newImage])
            }
            entries.append(LockOutput.Entry(matcher: override.matcher, newImage: image.url))
        }
        for (reference, image) in images.sorted(by: { $0.key < $1.key }) {
            entries.append(LockOutput.Entry(matcher: .image(reference), newImage: image.url))
        }
        return LockOutput(
            minimumRequiredVersion: try SemanticVersion(Kbld.version),
            searchRules: manifests.configuration.givenRules,
            images: entries
        )
    }
}
