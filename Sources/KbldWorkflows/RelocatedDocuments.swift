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

    /// The documents with their new references; the lock file is written where there is to be one, with what has arrived.
    ///
    /// - Parameter left: References whose images have not arrived: these stay as they are.
    /// - Throws: `UnknownReferenceError`, `MissingImagesError`; `TextFileError` naming the lock file.
    func texts(
        with images: [String: ResolvedImage],
        leaving left: Set<String> = [],
        lockOutput: String?
    ) throws -> [String] {
        let update = ReferenceUpdate(manifests.configuration)
        let hasOrigins = images.values.contains { !$0.origins.isEmpty }
        let staying = left.map { ($0, ResolvedImage(url: $0, origins: [])) }
        let all = images.merging(staying) { arrived, _ in arrived }
        let documents = try manifests.resources.map {
            try update.apply(all, to: $0, annotates: hasOrigins, keepsNotes: true)
        }
        if let lockOutput, !lockOutput.isEmpty {
            try TextFile.write(try lock(images, leaving: left).text, to: lockOutput)
        }
        return documents.map { YAMLWriter.text(ofDocuments: [$0]) }
    }

    private func lock(
        _ images: [String: ResolvedImage],
        leaving left: Set<String>
    ) throws(MissingImagesError) -> LockOutput {
        var entries: [LockOutput.Entry] = []
        for override in manifests.configuration.overrides
        where override.preresolved && (images[override.newImage] != nil || !left.contains(override.newImage)) {
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
