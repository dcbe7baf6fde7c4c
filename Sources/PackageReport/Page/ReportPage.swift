import ContainerImage
public import FoundationEssentials
import Presentation

/// A report as one HTML page, which needs nothing from anywhere else: no network, no fonts, no pictures.
///
/// The page's own policy forbids all that isn't in it; style and script are admitted by their digests.
public struct ReportPage: Sendable {
    let report: PackageReport
    private let origin: Origin?

    /// What made a page, and when.
    public struct Origin: Sendable {
        /// The program's name and version.
        public var program: String
        /// The time.
        public var date: Date

        /// Creates an origin.
        public init(program: String, date: Date) {
            self.program = program
            self.date = date
        }

        /// `2026-11-28 13:45 UTC`.
        var time: String {
            String(date.ISO8601Format().prefix(16)).replacing("T", with: " ") + " UTC"
        }
    }

    /// Creates a page for `report`.
    ///
    /// - Parameter origin: What the page says of itself; nil for a page that is the same whenever it is made.
    public init(_ report: PackageReport, by origin: Origin? = nil) {
        self.report = report
        self.origin = origin
    }

    /// The page.
    public var text: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(HTML.escape(name)) · container images</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <header>
        <p class="over">Container images</p>
        <h1><bdi>\(HTML.escape(name))</bdi></h1>
        \(about)
        </header>
        <main>
        \(tiles)
        \(proportions)
        \(treemap)
        \(imageTable)
        \(layerTable)
        </main>
        <footer>\(footer) Nothing on this page comes from the network.</footer>
        <script>\(Self.script)</script>
        </body>
        </html>

        """
    }

    /// The file's own name, for a package.
    private var name: String {
        guard report.packageBytes != nil else { return report.subject }
        return report.subject.split(separator: "/").last.map(String.init) ?? report.subject
    }

    private var about: String {
        let path = name == report.subject ? [] : ["<bdi>\(HTML.escape(report.subject))</bdi>"]
        let time = origin.map { [Self.time($0)] } ?? []
        let parts = path + time
        return parts.isEmpty ? "" : "<p class=\"about\">\(parts.joined(separator: " · "))</p>"
    }

    private var footer: String {
        guard let origin else { return "Written by kbld." }
        return "Written by \(HTML.escape(origin.program)), \(Self.time(origin))."
    }

    private static func time(_ origin: Origin) -> String {
        "<time datetime=\"\(origin.date.ISO8601Format())\">\(origin.time)</time>"
    }

    private var policy: String {
        let script = Self.base64(of: Self.script)
        let style = Self.base64(of: Self.style)
        return "default-src 'none'; script-src 'sha256-\(script)'; style-src 'sha256-\(style)'; base-uri 'none'; "
            + "form-action 'none'"
    }

    /// The SHA-256 of a text, as content security policies have it.
    private static func base64(of text: String) -> String {
        let hex = Array(Digest(of: Array(text.utf8)).hex.utf8)
        let bytes = stride(from: 0, to: hex.count, by: 2).map { position in
            UInt8(String(decoding: hex[position..<(position + 2)], as: UTF8.self), radix: 16) ?? 0
        }
        return Data(bytes).base64EncodedString()
    }

    private var tiles: String {
        let totals = report.totals
        var tiles: [(value: String, label: String, note: String)] = []
        if let bytes = report.packageBytes {
            tiles.append(("\(ByteCount(bytes))", "package", "\(Self.grouped(bytes)) bytes"))
        } else {
            tiles.append(("\(ByteCount(totals.layerBytes))", "in layers", "\(Self.grouped(totals.layerBytes)) bytes"))
        }
        let references = "\(totals.references) reference\(totals.references == 1 ? "" : "s")"
        tiles.append(
            (
                "\(totals.images)", totals.images == 1 ? "image" : "images",
                references + (totals.indexes > 0 ? ", \(totals.indexes) index\(totals.indexes == 1 ? "" : "es")" : "")
            )
        )
        tiles.append(
            (
                "\(totals.layers)", "distinct layer\(totals.layers == 1 ? "" : "s")",
                "\(report.layers.count { $0.imageCount > 1 }) of them shared"
            )
        )
        tiles.append(
            (
                "\(ByteCount(totals.savedBytes))", "saved by sharing",
                "\(report.savedPercent)% of \(ByteCount(totals.unsharedBytes))"
            )
        )
        let items = tiles.map {
            "<li><b>\(HTML.escape($0.value))</b><span>\(HTML.escape($0.label))</span>"
                + "<small>\(HTML.escape($0.note))</small></li>"
        }
        return "<ul class=\"tiles\">\(items.joined())</ul>"
    }

    /// One bar: own, shared, and what would be there without sharing.
    private var proportions: String {
        let totals = report.totals
        guard totals.unsharedBytes > 0 else { return "" }
        let parts: [(name: String, label: String, bytes: Int64)] = [
            ("own", "in one image only", totals.layerBytes - totals.sharedLayerBytes),
            ("shared", "in several images, stored once", totals.sharedLayerBytes),
            ("saved", "copies that sharing saves", totals.savedBytes),
        ]
        var position = 0.0
        var bars = ""
        for part in parts where part.bytes > 0 {
            let width = Double(part.bytes) / Double(totals.unsharedBytes) * 100
            bars += "<rect class=\"\(part.name)\" x=\"\(HTML.number(position))%\" width=\"\(HTML.number(width))%\" "
            bars += "height=\"100%\"><title>\(part.label): \(ByteCount(part.bytes))</title></rect>"
            position += width
        }
        let legend = parts.map {
            "<li><i class=\"\($0.name)\"></i>\($0.label) <b>\(ByteCount($0.bytes))</b></li>"
        }
        return """
            <svg class="bar" role="img" aria-label="Own, shared and saved bytes">\(bars)</svg>
            <ul class="legend">\(legend.joined())</ul>
            """
    }

    private var imageTable: String {
        let largest = report.images.map(\.layerBytes).max() ?? 0
        func width(_ bytes: Int64) -> String { HTML.number(largest > 0 ? Double(bytes) / Double(largest) * 100 : 0) }
        let rows = report.images.map { image -> String in
            let reference = image.reference
            let name = reference.split(separator: "@").first.map(String.init) ?? reference
            let bar =
                "<svg class=\"mini\" aria-hidden=\"true\"><rect class=\"own\" height=\"100%\" "
                + "width=\"\(width(image.ownBytes))%\"/><rect class=\"shared\" height=\"100%\" "
                + "x=\"\(width(image.ownBytes))%\" width=\"\(width(image.sharedBytes))%\"/></svg>"
            let kind = image.kind == .image ? "" : "<span class=\"kind\">\(image.kind.rawValue)</span>"
            let platform = HTML.escape(image.platform)
            let narrow = platform.isEmpty ? "" : " <span class=\"kind narrow\"><bdi>\(platform)</bdi></span>"
            return "<tr><th scope=\"row\" data-v=\"\(HTML.escape(name))\">"
                + "<bdi class=\"name\">\(PageStyle.breakable(name))</bdi>\(kind)\(narrow) "
                + "<code title=\"\(image.digest)\">\(Self.short(image.digest))</code>\(bar)</th>"
                + "<td class=\"wide\" data-v=\"\(platform)\"><bdi>\(platform)</bdi></td>"
                + Self.count(image.layers.count, "wide") + Self.bytes(image.layerBytes, "")
                + Self.bytes(image.ownBytes, "wide") + Self.bytes(image.sharedBytes, "wide") + "</tr>"
        }
        let head = Self.heading([
            ("Image", ""), ("Platform", "wide"), ("Layers", "n wide"), ("Size", "n"), ("Own", "n wide"),
            ("Shared", "n wide"),
        ])
        return """
            <section><div class="title"><h2>Images</h2><input type="search" placeholder="Filter"
            aria-label="Filter images"></div>
            <div class="scroll"><table id="images" aria-label="Images">\(head)<tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table><p class="none" id="found" role="status"></p></div></section>
            """
    }

    private var layerTable: String {
        let rows = report.layers.prefix(Self.layerLimit).map { layer in
            "<tr><th scope=\"row\" data-v=\"\(layer.digest)\"><code title=\"\(layer.digest)\">\(Self.short(layer.digest))</code>"
                + (layer.isCarried ? "" : "<span class=\"kind\">not in the package</span>") + "</th>"
                + "<td class=\"wide\" data-v=\"\(HTML.escape(layer.mediaType))\"><bdi>\(HTML.escape(layer.mediaType))"
                + "</bdi></td>" + Self.count(layer.imageCount, "") + Self.bytes(layer.size, "") + "</tr>"
        }
        let head = Self.heading([("Layer", ""), ("Type", "wide"), ("Images", "n"), ("Size", "n")])
        let more = report.layers.count - Self.layerLimit
        return """
            <section><div class="title"><h2>Layers</h2></div>
            <div class="scroll"><table id="layers" aria-label="Layers">\(head)<tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>\(more > 0 ? "<p class=\"note\">and \(more) smaller ones</p>" : "")</section>
            """
    }

    /// How many layers are listed.
    private static let layerLimit = 500

    private static func heading(_ columns: [(name: String, style: String)]) -> String {
        let cells = columns.map {
            "<th scope=\"col\"\($0.style.isEmpty ? "" : " class=\"\($0.style)\"")><button type=\"button\">\($0.name)</button></th>"
        }
        return "<thead><tr>\(cells.joined())</tr></thead>"
    }

    private static func count(_ count: Int, _ style: String) -> String {
        "<td class=\"n \(style)\" data-v=\"\(count)\">\(count)</td>"
    }

    private static func bytes(_ bytes: Int64, _ style: String) -> String {
        "<td class=\"n \(style)\" data-v=\"\(bytes)\" title=\"\(grouped(bytes)) bytes\">\(ByteCount(bytes))</td>"
    }

    static func short(_ digest: Digest) -> String { String(digest.hex.prefix(12)) }

    /// `1 234 567`, with narrow spaces.
    static func grouped(_ number: Int64) -> String {
        var text = ""
        for (position, digit) in String(number).reversed().enumerated() {
            if position > 0, position % 3 == 0, digit != "-" { text.append("\u{202F}") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
