import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import Testing

@Suite("OCI layouts")
struct LayoutTests {
    /// Opens and verifies a layout; the two must agree.
    private func judged(_ layout: Layout) async throws -> (
        package: AnyPackage?, verification: PackageVerification
    ) {
        try layout.finish()
        let package = try? await AnyPackage(path: layout.path)
        let verification = try await PackageVerification(recognizing: layout.path, atMost: 1)
        let faults = verification.errors.filter { !$0.isPassedOver && $0.kind != .altered }
        #expect(faults.isEmpty == (package != nil), "\(faults)")
        return (package, verification)
    }

    /// A layout with an index of two images, of which the second is `arm64`'s.
    private func pair(_ more: String = "") throws -> (layout: Layout, index: String, second: String) {
        let layout = try Layout()
        let (first, second) = (try layout.image("first"), try layout.image("second"))
        let index = Layout.index([
            try layout.add(first, .ociManifest, Layout.platform("amd64")),
            try layout.add(second, .ociManifest, Layout.platform("arm64")),
        ])
        layout.entries = [try layout.add(index, .ociIndex, more)]
        return (layout, index, second)
    }

    @Test("an archive of some platforms is read with the images that are there, and that the others aren't is noted")
    func sparse() async throws {
        let (layout, _, second) = try pair(Layout.named("docker.io/library/app:1", "1"))
        try layout.remove(second)
        let (package, verification) = try await judged(layout)
        let tree = try #require(package?.trees.first)
        #expect(tree.images.count == 1 && !tree.isComplete)
        #expect(tree.absent.map { $0.platform?.architecture } == ["arm64"])
        #expect(tree.completeParts.map(\.reference) == tree.images.map(\.reference))
        #expect(verification.errors == [])
        #expect(verification.warnings.contains { $0.kind == .absent && $0.message.description.contains("linux/arm64") })
        #expect(verification.images.map(\.isGood) == [true])
    }

    @Test("kbld writes all of an image: where it wrote the entry, what is missing is an error")
    func truncated() async throws {
        let (layout, index, second) = try pair()
        let digest = Digest(of: Array(index.utf8))
        layout.entries = [
            Layout.descriptor(
                index,
                .ociIndex,
                Layout.named("r.io/app@\(digest)", "kbld-\(digest.description.replacing(":", with: "-"))")
            )
        ]
        try layout.remove(second)
        let (package, verification) = try await judged(layout)
        #expect(package == nil)
        #expect(verification.errors.map(\.kind) == [.missing])
        #expect(verification.images.map(\.damagedParts) == [["linux/arm64"]])
    }

    @Test("damage is reported with the affected image and platform, and the others are valid")
    func damage() async throws {
        let (layout, _, _) = try pair()
        layout.entries.append(try layout.add(try layout.image("third"), .ociManifest))
        try layout.write("layer of secomd", to: "blobs/sha256/\(Digest(of: Array("layer of second".utf8)).hex)")
        let (package, verification) = try await judged(layout)
        #expect(package?.trees.count == 2)
        #expect(verification.errors.map(\.kind) == [.altered])
        #expect(verification.errors[0].images.count == 1)
        #expect(verification.errors[0].images[0].hasSuffix(" (linux/arm64)"))
        #expect(verification.images.map(\.isGood) == [false, true])
        #expect(verification.images[0].damagedParts == ["linux/arm64"])
    }

    @Test("entries that are not images, by unknown algorithms or missing are ignored")
    func unknownEntries() async throws {
        let layout = try Layout()
        let image = try layout.image("first")
        layout.entries = [
            try layout.add("<xml/>", MediaType("application/xml")),
            Layout.descriptor("gone", MediaType("application/xml")),
            Layout.descriptor("{}", .ociManifest, Layout.platform("arm64")),
            #"{"mediaType":"application/xml","digest":"blake3:\#(String(repeating: "a", count: 64))","size":3}"#,
            try layout.add(image, .ociManifest),
        ]
        let (package, verification) = try await judged(layout)
        #expect(package?.trees.map(\.manifest.digest) == [Digest(of: Array(image.utf8))])
        #expect(verification.errors == [])
        #expect(verification.images.count == 1)
    }

    @Test("an unknown entry whose bytes are altered is an error all the same")
    func alteredUnknownEntry() async throws {
        let layout = try Layout()
        layout.entries = [try layout.add("<xml/>", MediaType("application/xml"))]
        try layout.write("<xmm/>", to: "blobs/sha256/\(Digest(of: Array("<xml/>".utf8)).hex)")
        try layout.finish()
        let verification = try await PackageVerification(recognizing: layout.path, atMost: 1)
        #expect(verification.errors.map(\.kind) == [.altered])
    }

    @Test(
        "entries that are malformed are refused",
        arguments: [
            #"{"mediaType":"a/b","size":3}"#, #"{"mediaType":"a/b","digest":"sha256:12","size":3}"#,
            #"{"mediaType":"a/b","digest":"none","size":3}"#, "7",
            #"{"mediaType":"a/b","digest":"sha256:\#(String(repeating: "a", count: 64))","size":-3}"#,
        ]
    )
    func malformed(entry: String) async throws {
        let layout = try Layout()
        layout.entries = [entry]
        #expect(try await judged(layout).package == nil)
    }

    @Test("few bytes that mean billions of images are refused at once", arguments: ["levels", "entries", "depth"])
    func many(way: String) async throws {
        let layout = try Layout()
        var entry = try layout.add(try layout.image("first"), .ociManifest)
        for level in 0..<(way == "depth" ? 12 : way == "levels" ? 7 : 3) {
            let index = Layout.index(Array(repeating: entry, count: way == "depth" ? 1 : 40))
            entry = try layout.add(index.dropLast() + #","annotations":{"level":"\#(level)"}}"#, .ociIndex)
        }
        layout.entries = (0..<(way == "entries" ? 100 : 1)).map {
            entry.dropLast() + Layout.named("r.io/a\($0):1", "1") + "}"
        }
        let start = ContinuousClock.now
        #expect(try await judged(layout).package == nil)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("the size that an index states for a manifest is compared, and doesn't keep it from being read")
    func sizes() async throws {
        let layout = try Layout()
        let image = try layout.image("first")
        try layout.add(image, .ociManifest)
        let entry = Layout.descriptor(image, .ociManifest).replacing(
            "\"size\":\(image.utf8.count)",
            with: "\"size\":\(image.utf8.count + 1)"
        )
        layout.entries = [try layout.add(Layout.index([entry]), .ociIndex)]
        let (package, verification) = try await judged(layout)
        #expect(package?.trees.count == 1)
        #expect(verification.errors.map(\.kind) == [.size])
    }
}
