import ContainerImage
import Packages

/// What is still to come of a package, some of whose volumes have arrived.
public struct UnfinishedVolumes: Sendable, Hashable, CustomStringConvertible {
    /// How many volumes have arrived, with all of their layers.
    public let arrivedCount: Int
    /// How many there are.
    public let count: Int
    /// How many layers are lacking.
    public let layerCount: Int
    /// How many of them no volume has, as with a delta.
    public let baseLayerCount: Int
    /// The volumes that have a layer together, and have to be given together.
    public let together: [Int]

    /// Creates what is to come as long as `lacking` layers aren't there; nil where no volume is.
    init?(_ metadata: PackageMetadata, lacking: Set<Digest>) {
        guard let volume = metadata.volume, let unfinished = metadata.unfinishedVolumes(lacking: lacking),
            !unfinished.isEmpty
        else { return nil }
        count = volume.count
        layerCount = lacking.count
        arrivedCount = max(0, volume.count - unfinished.count)
        let cut = (volume.cut ?? []).filter { lacking.contains($0.digest) }
        let whole = (metadata.omitted ?? []).filter { $0.volume != nil }.map(\.digest)
        baseLayerCount = lacking.subtracting(whole).subtracting(cut.map(\.digest)).count
        together = Set(cut.flatMap(\.parts).map(\.volume)).sorted()
    }

    /// How far it is, and what to do.
    public var description: String {
        let lacking = "\(Count.text(layerCount, "layer")) \(layerCount == 1 ? "is" : "are") missing"
        let base = baseLayerCount > 0 ? ", \(baseLayerCount) of which no volume has: unpackage the base, too" : ""
        var text =
            "\(arrivedCount) of \(Count.text(count, "volume")) so far, \(lacking)\(base); no image has its name yet"
        if together.count > 1 {
            let numbers = together.map(String.init)
            text +=
                "; layers are cut over volumes \(numbers.dropLast().joined(separator: ", ")) and "
                + "\(numbers.last ?? ""): give these in one run"
        }
        return text
    }
}
