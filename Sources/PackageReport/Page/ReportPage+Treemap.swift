import ContainerImage
import Presentation

/// The picture of where the bytes are: an area for each reference's own layers, and one for those that are shared.
extension ReportPage {
    private struct Cell {
        var title: String
        var bytes: Int64
    }

    private enum Style: String { case own, shared, rest }

    private struct Group {
        var name: String
        var title: String
        var style = Style.own
        var cells: [Cell]
        var bytes: Int64 { cells.byteTotal(\.bytes) }
    }

    /// The most groups, and the most layers in one; smaller ones are drawn as one.
    private static let groupLimit = 1000
    private static let cellLimit = 60
    /// About how many areas are drawn in all: of many images not every layer has its own.
    private static let areaLimit = 3000

    var treemap: String {
        let groups = groups
        guard !groups.isEmpty else { return "" }
        // The picture is about this wide for its height; it stretches with the page.
        let whole = Treemap.Rectangle(x: 0, y: 0, width: 100, height: 42)
        let places = Treemap.layout(groups.map { Double($0.bytes) }, in: whole)
        var shade = 0
        var drawn = ""
        for (group, place) in zip(groups, places) where place.width > 0 && place.height > 0 {
            let style = group.style == .own ? "own o\(shade % 4)" : group.style.rawValue
            if group.style == .own { shade += 1 }
            drawn += draw(group, at: place, in: whole, style: style)
        }
        return """
            <section><div class="title"><h2>Where the bytes are</h2>
            <p>an area for each reference’s own layers, one for the shared ones</p></div>
            <svg class="map" role="img" aria-label="\(Self.words(on: groups))">\(drawn)</svg></section>
            """
    }

    private func draw(
        _ group: Group,
        at place: Treemap.Rectangle,
        in whole: Treemap.Rectangle,
        style: String
    ) -> String {
        let cells = Treemap.layout(group.cells.map { Double($0.bytes) }, in: place)
        var text = "<svg x=\"\(percent(place.x, whole.width))\" y=\"\(percent(place.y, whole.height))\" "
        text += "width=\"\(percent(place.width, whole.width))\" height=\"\(percent(place.height, whole.height))\">"
        for (cell, area) in zip(group.cells, cells) where area.width > 0 && area.height > 0 {
            text += "<rect class=\"\(style)\" x=\"\(percent(area.x - place.x, place.width))\" "
            text += "y=\"\(percent(area.y - place.y, place.height))\" "
            text += "width=\"\(percent(area.width, place.width))\" height=\"\(percent(area.height, place.height))\">"
            text += "<title>\(HTML.escape(group.title))\n\(HTML.escape(cell.title)): \(ByteCount(cell.bytes))</title>"
            text += "</rect>"
        }
        text += "<rect class=\"edge\" width=\"100%\" height=\"100%\"/>"
        // Names end in dots where they don't fit; what is small on a wide page has no name on a narrow one.
        if place.width > 7, place.height > 4 {
            text += "<foreignObject\(place.width > 18 ? "" : " class=\"wide\"") width=\"100%\" height=\"100%\">"
            text += "<div class=\"label \(style)\"><b>\(HTML.escape(group.name))</b>"
            text += (place.height > 7 ? "<span>\(ByteCount(group.bytes))</span>" : "") + "</div></foreignObject>"
        }
        return text + "</svg>"
    }

    /// What the picture shows, for who can't see it.
    private static func words(on groups: [Group]) -> String {
        let largest = groups.prefix(3).map { "\($0.name) \(ByteCount($0.bytes))" }.joined(separator: ", ")
        return HTML.escape("Areas in proportion to bytes; the first of \(groups.count): \(largest)")
    }

    private func percent(_ part: Double, _ whole: Double) -> String {
        HTML.number(whole > 0 ? max(0, part / whole * 100) : 0) + "%"
    }

    private var groups: [Group] {
        let layers = Dictionary(uniqueKeysWithValues: report.layers.map { ($0.digest, $0) })
        var own: [String: [Digest]] = [:]
        for image in report.images {
            for digest in image.layers where layers[digest]?.imageCount == 1 {
                own[image.reference, default: []].append(digest)
            }
        }
        let limit = max(1, min(Self.cellLimit, Self.areaLimit / max(own.count, 1)))
        func cells(_ some: [PackageReport.Layer]) -> [Cell] {
            let sorted = some.filter { $0.isCarried && $0.size > 0 }.sorted { $0.size > $1.size }
            var cells = sorted.prefix(limit).map { layer in
                let images = layer.imageCount > 1 ? " in \(layer.imageCount) images" : ""
                return Cell(title: "layer \(Self.short(layer.digest))\(images)", bytes: layer.size)
            }
            let rest = sorted.dropFirst(limit)
            if !rest.isEmpty {
                cells.append(Cell(title: "\(rest.count) smaller layers", bytes: rest.byteTotal(\.size)))
            }
            return cells
        }
        var groups = own.map { reference, digests in
            let repository = reference.split(separator: "@").first.map(String.init) ?? reference
            let name = repository.split(separator: "/").last.map(String.init) ?? repository
            return Group(name: name, title: repository, cells: cells(digests.compactMap { layers[$0] }))
        }
        groups = groups.filter { $0.bytes > 0 }.sorted { ($1.bytes, $0.title) < ($0.bytes, $1.title) }
        if groups.count > Self.groupLimit {
            let rest = groups[Self.groupLimit...]
            let bytes = rest.byteTotal(\.bytes)
            let title = "\(rest.count) more images"
            groups.removeSubrange(Self.groupLimit...)
            groups.append(Group(name: title, title: title, style: .rest, cells: [Cell(title: title, bytes: bytes)]))
        }
        let shared = cells(report.layers.filter { $0.imageCount > 1 })
        if !shared.isEmpty {
            groups.insert(Group(name: "shared", title: "Shared layers", style: .shared, cells: shared), at: 0)
        }
        return groups
    }
}
