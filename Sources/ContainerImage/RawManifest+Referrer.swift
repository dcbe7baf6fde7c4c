import FoundationEssentials

extension RawManifest {
    /// What this manifest refers to as its subject, and how a list of referrers has it (OCI distribution specification,
    /// "Listing Referrers": with the artifact's type and the annotations); nil for one without a subject.
    public var referrerDescriptor: (subject: Digest, descriptor: Descriptor)? {
        guard JSONText.mayHave(key: "subject", in: bytes),
            let note = try? JSONDecoder().decode(Note.self, from: Data(bytes)), let subject = note.subject
        else { return nil }
        var descriptor = descriptor
        // An empty type counts as none.
        let type = note.artifactType.flatMap { $0.isEmpty ? nil : $0 }
        descriptor.artifactType = type ?? note.config?.mediaType.text
        descriptor.annotations = note.annotations
        return (subject.digest, descriptor)
    }

    private struct Note: Decodable {
        var subject: Descriptor?
        var artifactType: String?
        var config: Descriptor?
        var annotations: [String: String]?
    }
}
