import ContainerImage
import FoundationEssentials
import ImageStore
import LocalFiles
import Packages
import Testing

@Suite("Signatures in OCI image layouts")
struct SignedLayoutTests {
    private static let signature = Array(#"{"signatures":[]}"#.utf8)

    /// A layout with one image, and what is laid out of it.
    private static func source() async throws -> (Layout, AnyPackage, LayoutPlan) {
        let layout = try Layout()
        layout.entries = [try layout.add(try layout.image("a"), .ociManifest)]
        try layout.finish()
        let package = try await AnyPackage(path: layout.path)
        return (layout, package, try LayoutPlan(package.trees))
    }

    private static func write(_ plan: LayoutPlan, of package: AnyPackage, to path: String) async throws {
        try await LayoutFolderWriter(path: path).write(plan, from: { _ in package }, atMost: 1)
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: path))).map { Array($0) }
    }

    @Test("A folder has its signature beside index.json, which it is about")
    func folder() async throws {
        let (layout, package, plan) = try await Self.source()
        let path = layout.path + "/out"
        try await Self.write(plan.signed(with: Self.signature), of: package, to: path)
        let seal = try #require(try await AnyPackage(path: path).seal())
        #expect(seal == PackageSeal(of: "index.json", manifest: plan.seal.manifest, signature: Self.signature))
        #expect(seal.manifest == Digest(of: try #require(Self.bytes(path + "/index.json"))))
        // What is signed stays so when it is written once more.
        try await Self.write(plan, of: package, to: path)
        #expect(try await AnyPackage(path: path).seal()?.signature == Self.signature)
        try SignedPackage(path: path).write(signature: [1], of: seal)
        #expect(try await AnyPackage(path: path).seal()?.signature == [1])
    }

    @Test("What is written over a signed folder without a signature has none")
    func stale() async throws {
        let (layout, package, plan) = try await Self.source()
        let path = layout.path + "/out"
        try await Self.write(plan.signed(with: Self.signature), of: package, to: path)
        // The same image, with another name beside the first.
        let image = try #require(package.trees.first?.reference)
        let more = PackageMetadata(tags: [TaggedImage(tag: try Tag("v1"), image: image)])
        try await Self.write(try LayoutPlan(package.trees, metadata: more), of: package, to: path)
        #expect(Self.bytes(path + "/kbld-signature.json") == nil)
        #expect(try await AnyPackage(path: path).seal()?.signature == nil)
    }

    @Test("A folder in which only the index is lacking is written to its end")
    func begun() async throws {
        let (layout, package, plan) = try await Self.source()
        let path = layout.path + "/out"
        let signed = plan.signed(with: Self.signature)
        try await Self.write(signed, of: package, to: path)
        try FileManager.default.removeItem(atPath: path + "/index.json")
        try await Self.write(signed, of: package, to: path)
        #expect(try await AnyPackage(path: path).seal()?.signature == Self.signature)
    }

    @Test("A folder that was begun for docker load is written to its end; another's manifest.json is not ours")
    func begunForDocker() async throws {
        let (layout, package, plan) = try await Self.source()
        let path = layout.path + "/out"
        try await Self.write(plan, of: package, to: path)
        try FileManager.default.removeItem(atPath: path + "/index.json")
        try Data("[]".utf8).write(to: URL(filePath: path + "/manifest.json"))
        try await Self.write(plan, of: package, to: path)
        #expect(try await AnyPackage(path: path).seal()?.manifest == plan.seal.manifest)
        for name in ["index.json", "oci-layout"] { try FileManager.default.removeItem(atPath: path + "/" + name) }
        await #expect(throws: ArchiveError.self) { try await Self.write(plan, of: package, to: path) }
    }

    @Test("A signature is written after the index that it is of")
    func order() async throws {
        let (layout, package, plan) = try await Self.source()
        let path = layout.path + "/out"
        // Nothing can be put in the place of a folder: the index isn't written.
        try FileManager.default.createDirectory(
            atPath: path + "/.index.json.partial",
            withIntermediateDirectories: true
        )
        await #expect(throws: ArchiveError.self) {
            try await Self.write(plan.signed(with: Self.signature), of: package, to: path)
        }
        #expect(Self.bytes(path + "/oci-layout") != nil)
        #expect(Self.bytes(path + "/kbld-signature.json") == nil)
    }

    @Test("What has changed since it was looked at isn't signed, nor what another process writes")
    func changed() async throws {
        let (layout, package, plan) = try await Self.source()
        let path = layout.path + "/out"
        try await Self.write(plan, of: package, to: path)
        let seal = try #require(try await AnyPackage(path: path).seal())
        let tarball = layout.path + "/plain.tar"
        try await ArchiveWriter(path: tarball).write(try plan.archive(), from: { _ in package }, atMost: 1)
        var (other, signed) = (seal, seal)
        other.manifest = Digest(of: [1])
        signed.signature = Self.signature
        for (path, seal) in [(path, other), (path, signed), (tarball, other)] {
            let error = #expect(throws: ArchiveError.self) {
                try SignedPackage(path: path).write(signature: [1], of: seal)
            }
            #expect(error?.description.contains("it has changed meanwhile") == true)
        }
        let lock = try FileLock(folder: path)
        #expect(throws: ArchiveError.self) { try SignedPackage(path: path).write(signature: [1], of: seal) }
        withExtendedLifetime(lock) {}
        #expect(try await AnyPackage(path: path).seal()?.signature == nil)
    }

    @Test("A tarball has its signature after index.json; it is replaced there, and nothing else changes")
    func tarball() async throws {
        let (layout, package, plan) = try await Self.source()
        let (plain, signed) = (layout.path + "/plain.tar", layout.path + "/signed.tar")
        for (path, plan) in [(plain, plan), (signed, plan.signed(with: Self.signature))] {
            try await ArchiveWriter(path: path).write(try plan.archive(), from: { _ in package }, atMost: 1)
        }
        let expected = try #require(Self.bytes(signed))
        #expect(try await AnyPackage(path: plain).seal() == plan.seal)
        #expect(try await AnyPackage(path: signed).seal()?.signature == Self.signature)
        try SignedPackage(path: plain).write(signature: [1, 2], of: plan.seal)
        #expect(try await AnyPackage(path: plain).seal()?.signature == [1, 2])
        try SignedPackage(path: plain).write(signature: Self.signature, of: plan.seal)
        #expect(Self.bytes(plain) == expected)
    }
}
