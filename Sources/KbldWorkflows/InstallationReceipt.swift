import ContainerImage
import FoundationEssentials
import ImageTransfer
import LocalFiles
import Signatures

/// What arrived where, for those who sent it.
struct InstallationReceipt: Encodable {
    struct Image: Encodable {
        var image: String
        var arrived: [String]
    }

    struct Signature: Encodable {
        var package: String
        var sequence: Int64
        var createdAt: String
        var manifest: String
        var signers: [String]
    }

    var receivedAt: String
    var package: String
    var signature: Signature?
    var images: [Image]

    /// Creates the receipt of a package.
    init(of package: String, _ trusted: PackageTrust.Trusted?, images: [Image], at date: Date) {
        receivedAt = date.formatted(.iso8601)
        self.package = package
        self.images = images
        signature = trusted.map { trusted in
            Signature(
                package: trusted.statement.name,
                sequence: trusted.statement.sequence,
                createdAt: trusted.statement.createdAt,
                manifest: trusted.statement.manifest.description,
                signers: trusted.signers.map { "\($0.name) (\($0.fingerprint))" }
            )
        }
    }

    /// Writes the receipt to `path`, and a bundle with a signature of it beside.
    ///
    /// - Returns: The receipt's digest, which is short enough for paper.
    /// - Throws: `TextFileError` naming the file.
    func write(to path: String, signedBy key: SigningKey?) throws -> Digest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        try TextFile.write(text, to: path)
        if let key {
            let bundle = String(decoding: try key.bundle(of: Array(text.utf8)), as: UTF8.self)
            try TextFile.write(bundle + "\n", to: path + ".sigstore.json")
        }
        return Digest(of: Array(text.utf8))
    }
}
