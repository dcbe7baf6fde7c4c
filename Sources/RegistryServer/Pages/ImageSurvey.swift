import ContainerImage
import ImageStore
import NIOCore
import Presentation

/// Finds what images are, how large they are and what platforms they have, for a page.
///
/// Indexes may lead to each other in as many ways as somebody likes. So each manifest is read once an image, and a page
/// reads no more than ``budget``: what comes after is shown without its size.
struct ImageSurvey {
    /// How many bytes of manifests are read for a page.
    static let budget = 32 << 20
    /// How many images a page shows, and how many platforms of one.
    private static let imageLimit = 10_000
    private static let platformLimit = 100

    private let content: any RegistryContent
    private var rest = Self.budget
    private var imageCount = 0

    init(content: any RegistryContent) { self.content = content }

    /// What the page shows of an image; nil if it isn't there, or the page is full.
    mutating func image(_ digest: Digest, in name: String, tags: [String]) async throws -> FrontPage.Image? {
        guard imageCount < Self.imageLimit else { return nil }
        imageCount += 1
        guard rest > 0 else {
            return FrontPage.Image(digest: digest, mediaType: "", tags: tags, platforms: [], facts: nil, size: nil)
        }
        guard let manifest = try await content.manifest(digest, in: name) else { return nil }
        rest -= manifest.bytes.count
        var known: Set<Digest> = [digest]
        var sizes: [Digest: Int64] = [:]
        var platforms: [String] = []
        var facts: ImageFacts?
        var pending = [manifest]
        var isWhole = true
        var absent: Set<Digest> = []
        var platformCount = 0
        while let next = pending.popLast() {
            switch try? next.parsed() {
            case .image(let image)?:
                for blob in [image.config] + image.layers { sizes[blob.digest] = blob.size }
                guard next.digest == digest else { continue }
                facts = ImageFacts(
                    image,
                    mediaType: manifest.mediaType,
                    config: try await config(image.config, in: name),
                    entry: nil
                )
                if let platform = facts?.platform, !platform.isEmpty { platforms.append(platform) }
            case .index(let index)?:
                for entry in index.manifests {
                    let platform = entry.platform.flatMap { $0.os == "unknown" ? nil : "\($0)" }
                    if known.insert(entry.digest).inserted {
                        guard rest > 0 else {
                            isWhole = false
                            break
                        }
                        if let child = try await content.manifest(entry.digest, in: name) {
                            rest -= child.bytes.count
                            pending.append(child)
                        } else {
                            absent.insert(entry.digest)
                        }
                    }
                    guard let platform else { continue }
                    platformCount += 1
                    if !absent.contains(entry.digest), platforms.count < Self.platformLimit {
                        platforms.append(platform)
                    }
                }
            case nil: break
            }
        }
        return FrontPage.Image(
            digest: digest,
            mediaType: manifest.mediaType.text,
            tags: tags,
            platforms: platforms,
            facts: facts,
            size: isWhole ? Self.sum(sizes.values) : nil,
            platformsInIndex: absent.isEmpty ? nil : platformCount
        )
    }

    /// A config blob; nil where it isn't there, or is larger than what platforms are looked up in.
    private mutating func config(_ blob: Descriptor, in name: String) async throws -> [UInt8]? {
        guard let size = try await content.size(of: blob.digest, in: name), size <= Self.configLimit, size <= rest
        else { return nil }
        rest -= Int(size)
        var bytes: [UInt8] = []
        guard let body = try? await content.content(of: blob.digest, in: 0..<size) else { return nil }
        var chunks = body.makeAsyncIterator()
        while bytes.count < size, let chunk = try? await chunks.next() { bytes += Array(chunk.readableBytesView) }
        return bytes
    }

    private static let configLimit: Int64 = 1 << 20

    /// Sizes are what manifests say; their sum may be more than any number.
    private static func sum(_ sizes: some Sequence<Int64>) -> Int64 {
        sizes.reduce(0) { sum, size in
            let (next, isTooLarge) = sum.addingReportingOverflow(size)
            return isTooLarge ? .max : next
        }
    }
}
