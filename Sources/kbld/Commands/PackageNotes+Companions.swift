import ContainerImage
import ImageCompanions
import KbldConfiguration
import PackageArchive
import RegistryClient
import Relocation
import Resolution

extension PackageNotes {
    /// What is to be said of what came along.
    init(_ gathered: GatheredImages) {
        self.init(names: gathered.names, slimmings: gathered.slimmings)
    }

    /// Makes the repositories that images went to list what refers to them, and name what has names. The log tells what
    /// couldn't be listed.
    func finish(_ consignments: [Consignment], in client: RegistryClient, atMost limit: Int, log: Log) async throws {
        for consignment in consignments {
            let remarks = try await CompanionArrival(in: client.repository(consignment.repository), atMost: limit)
                .finish(consignment.trees, names: names ?? [])
            for remark in remarks { log.line(remark) }
        }
    }

    /// The images that documents name, with slimmed indexes in the place of whole ones.
    func slimmed(_ images: [String: DigestReference]) -> [String: DigestReference] {
        guard slimmings != nil else { return images }
        return images.mapValues { image in slimming(of: image)?.slimmed ?? image }
    }

    /// Adds where slimmed indexes came from.
    ///
    /// - Parameter references: What the documents name, whole.
    func addOrigins(to images: inout [String: ResolvedImage], of references: [String: DigestReference]) {
        for slimming in slimmings ?? [] {
            let origins = slimming.platforms.map {
                Origin.platformSelected(index: slimming.index.description, $0)
            }
            for (text, reference) in references where reference == slimming.index { images[text]?.origins = origins }
        }
    }
}
