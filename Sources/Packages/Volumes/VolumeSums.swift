import ContainerImage

/// The sums of a package and of the files that it is cut into, while it passes.
struct VolumeSums: Sendable {
    private let layout: VolumeLayout
    private var whole = Digester()
    private var current = Digester()
    /// How many bytes have passed.
    private(set) var count: Int64 = 0
    /// The files that have passed to their ends.
    private(set) var parts: [VolumeIndex.Part] = []

    init(_ layout: VolumeLayout) { self.layout = layout }

    /// How many bytes of the file that is passing are to come.
    var rest: Int64 {
        guard parts.count < layout.count else { return 0 }
        return layout.offset(at: parts.count) + layout.size(at: parts.count) - count
    }

    /// Takes the next bytes, which may not go beyond the end of the file that is passing.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        whole.update(bytes)
        current.update(bytes)
        count += Int64(bytes.count)
        guard rest == 0, parts.count < layout.count else { return }
        let position = parts.count
        parts.append(
            VolumeIndex.Part(
                name: layout.name(at: position),
                offset: layout.offset(at: position),
                size: layout.size(at: position),
                sha256: current.finish().hex
            )
        )
        current = Digester()
    }

    /// Takes bytes that may be those of several files.
    mutating func update(all bytes: UnsafeRawBufferPointer) {
        var bytes = bytes
        while !bytes.isEmpty, rest > 0 {
            let piece = Int(min(Int64(bytes.count), rest))
            update(UnsafeRawBufferPointer(rebasing: bytes[..<piece]))
            bytes = UnsafeRawBufferPointer(rebasing: bytes[piece...])
        }
    }

    /// The index of a package that has passed as a whole.
    func index(manifest: Digest) -> VolumeIndex {
        VolumeIndex(size: count, sha256: whole.finish().hex, manifest: manifest.hex, parts: parts)
    }
}
