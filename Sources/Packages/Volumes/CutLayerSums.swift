import ContainerImage
import ImageStore
import NIOCore
import Synchronization

/// Hashes layers whose parts are written one after the other.
final class CutLayerSums: Sendable {
    private let verifiers = Mutex<[Digest: BlobVerifier]>([:])

    /// Takes the next bytes of `layer`.
    ///
    /// - Throws: `BlobError` with the last bytes, where all of them aren't the layer.
    func update(_ bytes: ByteBuffer, of layer: Descriptor) throws {
        try verifiers.withLock { verifiers in
            var verifier = verifiers[layer.digest] ?? BlobVerifier(layer)
            try verifier.update(bytes)
            if verifier.count == layer.size { try verifier.finish() }
            verifiers[layer.digest] = verifier
        }
    }

    /// What has been seen so far, to go back to.
    var state: [Digest: BlobVerifier] {
        get { verifiers.withLock { $0 } }
        set { verifiers.withLock { $0 = newValue } }
    }
}
