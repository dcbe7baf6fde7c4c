import ContainerImage
import DocumentInput
import ImageStore
import ImageTransfer
import KubernetesYAML
import Packages
import Signatures

/// Packages that are signed as they are written.
extension PackageWorkflow {
    /// The layout with a signature of the package, where one is asked for.
    func signed(_ layout: PackageLayout, _ images: ImagesWithArtifacts) async throws -> PackageLayout {
        guard let signing else { return layout }
        guard options.format != .dockerArchive else {
            throw UnsignablePackageError(path: writer.path, reason: .format(.dockerArchive))
        }
        let statement = try statement(by: signing, on: layout.seal, images)
        if let signature = writer.earlierSignature(),
            let earlier = signing.earlier(signature, saying: statement, ofPresent: isOfPresent)
        {
            context.log("keeping the signature of the interrupted run: sequence \(earlier.sequence)")
            return try layout.signed(with: signature)
        }
        let envelope = try await signing.sign(try PackageEnvelope(statement))
        context.log("signing the package: sequence \(statement.sequence)")
        return try layout.signed(with: try envelope.encoded())
    }

    /// How many bytes a signature takes in the package, where one is asked for.
    func signatureSize(in layout: PackageLayout, _ images: ImagesWithArtifacts) throws -> Int64 {
        guard let signing else { return 0 }
        let statement = try statement(by: signing, on: layout.seal, images)
        return PackageSeal.entrySize(ofSignature: try signing.longestEnvelope(of: statement))
    }

    /// What signs the volumes of a package of `images`; nil where nothing does.
    func volumeSigning(of images: ImagesWithArtifacts) throws -> VolumeSigning? {
        try signing.map { signing in
            VolumeSigning(
                signing: signing,
                statement: try statement(by: signing, on: VolumeSigning.anySeal, images),
                isOfPresent: isOfPresent,
                log: context.log
            )
        }
    }

    /// Whether what is signed bears the present time, and not one that the environment sets.
    private var isOfPresent: Bool { !SourceDate.isSet(context.variables) }

    private func statement(
        by signing: PackageSigning,
        on seal: PackageSeal,
        _ images: ImagesWithArtifacts
    ) throws -> PackageStatement {
        var statement = try signing.statement(
            on: seal,
            images: images.trees.map(\.reference),
            at: SourceDate.date(context.variables)
        )
        statement.bases = options.bases.map(SignatureGate.name(of:))
        let text = documents.resources.map { YAMLWriter.text(ofDocuments: [$0.value]) }.joined()
        statement.documents = text.isEmpty ? nil : Digest(of: Array(text.utf8))
        return statement
    }
}
