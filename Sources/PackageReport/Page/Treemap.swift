/// Lays areas out in a rectangle so that each is nearly square.
///
/// Bruls, Huizing, van Wijk: "Squarified Treemaps", 2000.
struct Treemap {
    struct Rectangle: Equatable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double
    }

    /// The places of `sizes` in `space`, in their order. What is 0 gets no room.
    static func layout(_ sizes: [Double], in space: Rectangle) -> [Rectangle] {
        var places = [Rectangle](repeating: Rectangle(x: 0, y: 0, width: 0, height: 0), count: sizes.count)
        let total = sizes.reduce(0, +)
        guard total > 0, space.width > 0, space.height > 0 else { return places }
        let scale = space.width * space.height / total
        var rest = space
        var pending = sizes.indices.filter { sizes[$0] > 0 }.sorted { sizes[$0] > sizes[$1] }[...]
        while !pending.isEmpty {
            let side = min(rest.width, rest.height)
            var row: [Int] = []
            var area = 0.0
            while let next = pending.first {
                let size = sizes[next] * scale
                let last = row.last.map { sizes[$0] * scale } ?? size
                let first = row.first.map { sizes[$0] * scale } ?? size
                let isWorse =
                    !row.isEmpty
                    && worst(first, size, area + size, side) > worst(first, last, area, side)
                if isWorse { break }
                row.append(next)
                area += size
                pending.removeFirst()
            }
            place(row, of: sizes, scale: scale, area: area, in: &rest, into: &places)
        }
        return places
    }

    /// The worst ratio of sides in a row along `side`, of which the largest and smallest area are given.
    private static func worst(_ largest: Double, _ smallest: Double, _ area: Double, _ side: Double) -> Double {
        let square = side * side
        return max(square * largest / (area * area), area * area / (square * smallest))
    }

    private static func place(
        _ row: [Int],
        of sizes: [Double],
        scale: Double,
        area: Double,
        in rest: inout Rectangle,
        into places: inout [Rectangle]
    ) {
        let isColumn = rest.width >= rest.height
        let side = isColumn ? rest.height : rest.width
        let depth = side > 0 ? area / side : 0
        var offset = 0.0
        for index in row {
            let length = depth > 0 ? sizes[index] * scale / depth : 0
            places[index] =
                isColumn
                ? Rectangle(x: rest.x, y: rest.y + offset, width: depth, height: length)
                : Rectangle(x: rest.x + offset, y: rest.y, width: length, height: depth)
            offset += length
        }
        if isColumn {
            rest.x += depth
            rest.width = max(0, rest.width - depth)
        } else {
            rest.y += depth
            rest.height = max(0, rest.height - depth)
        }
    }
}
