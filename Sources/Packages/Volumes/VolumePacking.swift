import ContainerImage

/// Which layers go into which volumes.
struct VolumePacking {
    /// A layer.
    struct Item {
        let digest: Digest
        let size: Int64
    }

    /// What came of it.
    struct Result {
        var count: Int
        var cut: [PackageMetadata.CutLayer]
        var volumes: [Digest: Int]
    }

    let items: [Item]
    /// What each volume has beside layers, at most, in bytes; not counted what it says of parts.
    let overhead: Int64

    private static let block = Int64(TarHeader.blockSize)

    /// The volumes of at most `size` bytes; nil where there can be none.
    func volumes(of size: Int64) -> Result? {
        // What is said of parts takes room from the layers, of which then more may have to be cut.
        var capacity = size - overhead
        while true {
            guard let pieces = pieces(in: capacity) else { return nil }
            let parts = pieces.filter { $0.part != nil }
            let words = Int64(Set(parts.map(\.digest)).count * Self.bytesOfCutLayer + parts.count * Self.bytesOfPart)
            let needed = overhead + words + (words > 0 ? Self.block : 0)
            if needed + capacity <= size { return pack(pieces, in: capacity) }
            capacity = size - needed
        }
    }

    /// The least size that there can be volumes of, above one for which there can't.
    func leastSize(above size: Int64) -> Int64 {
        var low = size
        var high = max(size, overhead) + (1 << 20)
        while volumes(of: high) == nil, high < Int64.max / 4 { high *= 2 }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if volumes(of: middle) == nil { low = middle } else { high = middle }
        }
        return high
    }

    /// How long the JSON of a cut layer, and of a part of one, is at most.
    private static let bytesOfCutLayer = 160
    private static let bytesOfPart = 48

    private struct Piece {
        let digest: Digest
        let size: Int64
        /// The number of a part, from 0; nil for a whole layer.
        let part: Int?

        /// How much room its entry takes.
        var room: Int64 {
            let name = part.map { ArchivePlan.partName($0 + 1, of: digest) } ?? ArchivePlan.entryName(of: digest)
            return Int64(TarHeader.blocks(name: name, size: size).count) + size + Int64(TarHeader.padding(after: size))
        }
    }

    /// The layers, those that are larger than a volume in parts that fill volumes, and a last one; nil where there are too
    /// many.
    private func pieces(in capacity: Int64) -> [Piece]? {
        // The header of a large part may be longer than a block.
        let header = capacity > 8 << 30 ? 4 * Self.block : Self.block
        let room = (capacity - header) / Self.block * Self.block
        guard room >= Self.block else { return items.isEmpty && capacity >= 0 ? [] : nil }
        var pieces: [Piece] = []
        for item in items {
            let whole = Piece(digest: item.digest, size: item.size, part: nil)
            guard item.size > room || whole.room > capacity else {
                pieces.append(whole)
                continue
            }
            guard item.size / room < VolumePlan.countLimit else { return nil }
            var offset: Int64 = 0
            var number = 0
            while offset < item.size {
                let size = min(room, item.size - offset)
                pieces.append(Piece(digest: item.digest, size: size, part: number))
                offset += size
                number += 1
            }
        }
        return pieces
    }

    private func pack(_ pieces: [Piece], in capacity: Int64) -> Result? {
        let sorted = pieces.map { (piece: $0, room: $0.room) }.sorted { left, right in
            if left.room != right.room { return left.room > right.room }
            if left.piece.digest != right.piece.digest { return left.piece.digest < right.piece.digest }
            return (left.piece.part ?? 0) < (right.piece.part ?? 0)
        }
        var free: [Int64] = []
        var volumes: [Digest: Int] = [:]
        var parts: [Digest: [Int: PackageMetadata.CutLayer.Part]] = [:]
        // Volumes that are full to the last block have room for nothing, and are many where layers are cut.
        var start = 0
        for (piece, room) in sorted {
            var index = start
            while index < free.count, free[index] < room { index += 1 }
            if index == free.count {
                guard free.count < VolumePlan.countLimit else { return nil }
                free.append(capacity)
            }
            free[index] -= room
            while start < free.count, free[start] < 2 * Self.block { start += 1 }
            if let part = piece.part {
                parts[piece.digest, default: [:]][part] = .init(volume: index + 1, size: piece.size)
            } else {
                volumes[piece.digest] = index + 1
            }
        }
        let cut = parts.sorted { $0.key < $1.key }.map { digest, parts in
            PackageMetadata.CutLayer(digest: digest, parts: parts.sorted { $0.key < $1.key }.map(\.value))
        }
        return Result(count: max(free.count, 1), cut: cut, volumes: volumes)
    }
}
