import ContainerImage
import ImageStore
import ImageTransfer
import KbldConfiguration
import Packages

extension PackageMetadata {
    /// Creates the metadata on gathered images and artifacts.
    init(_ gathered: ImagesWithArtifacts) {
        self.init(names: gathered.names, platformFilters: gathered.platformFilters)
        note(absentFrom: gathered.trees)
    }

    /// Makes the repositories that images went to list what refers to them, and name what has names. The log tells what
    /// couldn't be listed.
    func finish(_ batches: [ImageBatch], atMost limit: Int, log: LogSink) async throws {
        for batch in batches {
            let remarks = try await ArtifactPublisher(in: batch.destination, atMost: limit)
                .finish(batch.trees, names: names ?? [])
            for remark in remarks { log(HintedText(remark)) }
        }
    }

    /// The images that documents name, with filtered indexes in place of whole ones.
    func filtered(_ images: [String: DigestReference]) -> [String: DigestReference] {
        guard platformFilters != nil else { return images }
        return images.mapValues { image in platformFilter(of: image)?.filtered ?? image }
    }

    /// Adds where filtered indexes came from.
    ///
    /// - Parameter references: What the documents name, whole.
    func addOrigins(to images: inout [String: ResolvedImage], of references: [String: DigestReference]) {
        for platformFilter in platformFilters ?? [] {
            let origins = platformFilter.platforms.map {
                Origin.platformSelected(index: platformFilter.index.description, $0)
            }
            for (text, reference) in references where reference == platformFilter.index {
                images[text]?.origins = origins
            }
        }
    }
}
