import ContainerImage
import FoundationEssentials
import PackageReport
import Testing

@Suite("Reports on images")
struct PackageReportTests {
    @Test("own, shared and saved bytes add up")
    func sums() throws {
        let report = PackageReport(
            [
                try Trees.image("r.io/a", ["base100", "a10", "a10"]),
                try Trees.index("r.io/m", [("amd64", ["base100", "m5"]), ("arm64", ["arm70"])]),
            ],
            subject: "x"
        )
        #expect(report.totals.references == 2 && report.totals.indexes == 1 && report.totals.images == 3)
        #expect(report.totals.layers == 4 && report.totals.layerBytes == 185_000)
        #expect(report.totals.sharedLayerBytes == 100_000)
        #expect(report.totals.unsharedBytes == 285_000 && report.totals.savedBytes == 100_000)
        #expect(report.savedPercent == 35)
        let image = try #require(report.images.first)
        #expect(image.layers.count == 2 && image.layerBytes == 110_000)
        #expect(image.ownBytes == 10_000 && image.sharedBytes == 100_000)
        #expect(report.images.map(\.platform) == ["linux/amd64", "linux/amd64", "linux/arm64"])
        #expect(report.layers.map(\.size) == [100_000, 70_000, 10_000, 5000])
        #expect(report.layers[0].imageCount == 2)
        #expect(report.summary == "2 images, 4 layers of 181 KiB; sharing saves 97.7 KiB (35%)")
    }

    @Test("sizes are numbers in JSON")
    func json() throws {
        struct Read: Decodable {
            struct Totals: Decodable { var saved_bytes: Int }
            struct Image: Decodable {
                var shared_bytes: Int
                var kind: String
            }
            var package_bytes: Int
            var totals: Totals
            var images: [Image]
        }
        let trees = [
            try Trees.image("r.io/a", ["base100"]),
            try Trees.image("r.io/b", ["base100", "b1"], configType: "application/vnd.cncf.helm.config.v1+json"),
        ]
        let text = try ReportJSON.text(of: PackageReport(trees, subject: "x", packageBytes: 5_000_000_000))
        let read = try JSONDecoder().decode(Read.self, from: Data(text.utf8))
        #expect(read.package_bytes == 5_000_000_000 && read.totals.saved_bytes == 100_000)
        #expect(read.images.map(\.kind) == ["image", "artifact"] && read.images[1].shared_bytes == 100_000)
    }

    @Test("a difference tells what was added, removed, changed and moved, and which bytes must move")
    func diff() throws {
        let before = [
            try Trees.image("r.io/same", ["base100"]), try Trees.image("r.io/app", ["base100", "v1x10"]),
            try Trees.image("r.io/gone", ["gone7"]), try Trees.image("r.io/here", ["walks3"]),
        ]
        let after = [
            try Trees.image("r.io/same", ["base100"]), try Trees.image("r.io/app", ["base100", "v2x20"]),
            try Trees.image("r.io/new", ["new9"]), try Trees.image("q.io/there", ["walks3"]),
        ]
        let diff = PackageDiff(before, after, sides: ["a", "b"])
        #expect(diff.unchanged == 1)
        #expect(
            Set(diff.changes.map { "\($0.kind) \(($0.after ?? $0.before ?? "").prefix { $0 != "@" })" })
                == ["changed r.io/app", "removed r.io/gone", "added r.io/new", "moved q.io/there"]
        )
        let changed = try #require(diff.changes.first { $0.kind == .changed })
        // v1x10 has 110 thousand bytes, v2x20 220.
        #expect(changed.addedBytes == 220_000 && changed.removedBytes == 110_000)
        #expect(diff.addedLayers.bytes == 229_000 && diff.addedLayers.count == 2)
        #expect(diff.removedLayers.bytes == 117_000 && diff.keptLayers.bytes == 103_000)
        #expect(!diff.isEmpty && PackageDiff(before, before.reversed(), sides: []).isEmpty)
    }

    @Test("what packages say can't become markup or script on the page")
    func hostile() throws {
        let attack = #""'><script>alert(1)</script><img src=x onerror=alert(1)>&\u001b"#
            .replacing("\\u001b", with: "")
        let tree = try Trees.image("r.io/a", ["a5"], platform: "linux/<script>alert(2)</script>'")
        let page = ReportPage(PackageReport([tree], subject: attack)).text
        #expect(page.ranges(of: "<script").count == 1 && !page.contains("<img") && !page.contains("alert(1)</script>"))
        #expect(page.contains("&quot;&#39;&gt;&lt;script&gt;alert(1)"))
        #expect(page.contains("linux/&lt;script&gt;alert(2)"))
    }

    @Test("the page refers to nothing outside of it, and its policy forbids that")
    func selfContained() throws {
        let trees = try (1...100).map { try Trees.image("r.io/team/app-\($0)", ["base500", "own\($0)"]) }
        let page = ReportPage(PackageReport(trees, subject: "images.tar", packageBytes: 1 << 30)).text
        for forbidden in [
            "http:", "https:", "//", "url(", "@import", "src=", "href=", " style=", " onload", " onclick", " onerror",
        ] {
            #expect(
                !page.contains(forbidden),
                "\(forbidden)"
            )
        }
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("app-100"))
    }

    @Test("many equal images have an area each, and what is too much for the picture is told apart")
    func manyImages() throws {
        let trees = try (1...200).map { try Trees.image("r.io/app-\($0)", ["own500n\($0)"]) }
        let page = ReportPage(PackageReport(trees, subject: "images.tar")).text
        #expect(page.ranges(of: #"<rect class="own o"#).count == 200 && !page.contains("more images"))
        let more = try (1...1200).map { try Trees.image("r.io/app-\($0)", ["own500n\($0)"]) }
        let long = ReportPage(PackageReport(more, subject: "images.tar")).text
        #expect(long.ranges(of: #"<rect class="own o"#).count == 1000)
        #expect(long.contains(#"<rect class="rest""#) && long.contains("200 more images"))
    }

    @Test("the page says what it is about, what made it and when; without that it is always the same")
    func origin() throws {
        let report = PackageReport([try Trees.image("r.io/a", ["a5"])], subject: "../build/big.tar", packageBytes: 1)
        let origin = ReportPage.Origin(program: "kbld 1 <x>", date: Date(timeIntervalSince1970: 1_709_164_800))
        let page = ReportPage(report, by: origin).text
        #expect(page.contains("<h1><bdi>big.tar</bdi></h1>") && page.contains("<bdi>../build/big.tar</bdi>"))
        let time = #"<time datetime="2024-02-29T00:00:00Z">2024-02-29 00:00 UTC</time>"#
        #expect(page.contains("Written by kbld 1 &lt;x&gt;, \(time)."))
        let plain = ReportPage(report).text
        #expect(plain == ReportPage(report).text && !plain.contains("<time"))
        let documents = PackageReport([], subject: "a/b.yml, c.yml")
        #expect(ReportPage(documents).text.contains("<h1><bdi>a/b.yml, c.yml</bdi></h1>"))
    }
}
