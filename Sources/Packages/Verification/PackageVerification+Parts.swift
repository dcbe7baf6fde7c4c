import ContainerImage
import ImageStore

extension PackageVerification {
    /// Whether the parts of layers that a volume must have are there, each with its size.
    ///
    /// - Returns: The names of their entries.
    mutating func checkParts(_ entries: [String: TarWalk.Entry]) -> Set<String> {
        guard let volume = metadata.volume else { return [] }
        var names: Set<String> = []
        for layer in volume.cut ?? [] {
            for (number, part) in layer.parts.enumerated() where part.volume == volume.number {
                let name = ArchivePlan.partName(number + 1, of: layer.digest)
                names.insert(name)
                guard let entry = entries[name] else {
                    findings.append(PackageIssue(.missing, name, "the entry of a part of the layer is missing"))
                    continue
                }
                guard entry.size != part.size else { continue }
                findings.append(
                    PackageIssue(.size, name, "it has \(entry.size) bytes, but the metadata says \(part.size)")
                )
            }
        }
        return names
    }
}

extension PackageMetadata {
    /// Where a layer is that the package leaves out.
    func words(onOmitted digest: Digest) -> HintedText {
        if let number = omitted?.first(where: { $0.digest == digest })?.volume {
            return "volume \(number) has this layer"
        }
        guard let layer = volume?.cut?.first(where: { $0.digest == digest }) else {
            return "the package is a delta that omits this layer"
        }
        let numbers = layer.parts.map { String($0.volume) }.joined(separator: ", ")
        return "volumes \(numbers) have the parts of this layer, whose bytes only all of them together tell"
    }
}
