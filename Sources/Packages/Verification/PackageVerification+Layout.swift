import ContainerImage
import ImageStore

extension PackageVerification {
    /// Verifies an OCI image layout (OCI image specification 1.1, "Image Layout").
    mutating func verifyLayout(_ files: any LayoutFiles, atMost limit: Int, progress: TransferProgress?) async throws {
        let walk = try LayoutWalk(files)
        trees = walk.trees
        names = walk.names
        metadata = walk.metadata
        ledger = walk.ledger
        findings += walk.findings + walk.contradictions
        for name in files.names where name.hasPrefix("blobs/") && !walk.needed.contains(name) {
            findings.append(PackageIssue(.unknown, name, "no image of the package refers to it"))
        }
        try await hash(walk.layers, atMost: limit, progress: progress)
    }
}
