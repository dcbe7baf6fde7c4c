/// An entry of a layer's tarball.
struct LayerEntry: Sendable {
    /// What it is.
    enum Kind: Sendable, Equatable {
        case file, folder
        case symbolicLink([UInt8])
        case hardLink([UInt8])
        /// A device, a pipe, a sparse file.
        case other
    }

    /// Which of the layer's entries it is, from 0.
    var number: Int
    /// The name, without what means nothing: `./`, `//`, and `..`, which can't lead out.
    var path: [FileName]
    var kind: Kind
    /// How many bytes it has.
    var size: Int64
    /// Whether its owner may run it.
    var isExecutable: Bool
}
