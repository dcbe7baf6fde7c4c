import ContainerImage
import DocumentInput
import KbldConfiguration
import KubernetesYAML
import LocalFiles
import Resolution

/// The documents and the lock of images that are in their new repository.
struct RelocatedDocuments: Sendable {
    let manifests: InputDocuments
    let version: SemanticVersion

    /// The documents with their new references; the lock file is written where there is to be one.
    ///
    /// - Throws: `UnknownReferenceError`, `MissingImagesError`; `TextFileError` naming the lock file.
    func texts(with images: [String: ResolvedImage], lockOutput: String?) throws -> [String] {
        let update = ReferenceUpdate(manifests.configuration)
        let hasOrigins = images.values.contains { !$0.origins.isEmpty }
        let documents = try manifests.resources.map {
            try update.apply(images, to: $0, annotates: hasOrigins, keepsNotes: true)
        }
        if let lockOutput, !lockOutput.isEmpty { try TextFile.write(try lock(images).text, to: lockOutput) }
        return documents.map { YAMLWriter.text(ofDocuments: [$0]) }
    }

    private func lock(_ images: [String: ResolvedImage]) throws(MissingImagesError) -> LockOutput {
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
            minimumRequiredVersion: version,
            searchRules: manifests.configuration.givenRules,
            images: entries
        )
    }
}
