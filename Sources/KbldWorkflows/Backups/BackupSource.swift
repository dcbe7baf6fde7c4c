import ContainerImage
import ImageStore
import Packages
import Synchronization

/// A backup with the layers that it omits, from those beside it; these also have what is damaged in it.
struct BackupSource: ImageSource {
    let package: AnyPackage
    let holders: [Digest: AnyPackage]
    private let others: [String]
    private let log: LogSink
    private let substitutes = Substitutes()

    /// What takes the place of a package that has a layer with other bytes.
    private final class Substitutes: Sendable {
        let packages = Mutex<[Digest: AnyPackage]>([:])
    }

    var name: String { package.path }

    /// Opens the backup at `path`, and of the others those that have what it omits, the latest first.
    ///
    /// - Throws: `BackupError.layersMissing`.
    init(_ path: String, among others: [String], log: @escaping LogSink = { _ in }) async throws {
        package = try await BackupFolder.open(path)
        self.others = others.filter { $0 != path }
        self.log = log
        var wanted = package.metadata.omittedDigests
        var holders: [Digest: AnyPackage] = [:]
        var unreadable: [String] = []
        for other in self.others where !wanted.isEmpty {
            let former: AnyPackage
            do {
                former = try await BackupFolder.open(other)
            } catch {
                if error is CancellationError || Task.isCancelled { throw error }
                unreadable.append(other)
                continue
            }
            for layer in former.heldLayers where wanted.remove(layer.digest) != nil { holders[layer.digest] = former }
        }
        guard wanted.isEmpty else { throw BackupError.layersMissing(path, wanted.sorted(), unreadable: unreadable) }
        self.holders = holders
    }

    private func holder(of layer: Digest) -> AnyPackage {
        substitutes.packages.withLock { $0[layer] } ?? holders[layer] ?? package
    }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await package.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await holder(of: blob.digest).content(of: blob, from: offset)
    }

    /// Verifies a layer at once: where its bytes are others, another backup may have the right ones.
    func check(of layer: Descriptor) async throws -> BlobCheck {
        let holder = holder(of: layer.digest)
        do {
            return try await Self.verified(layer, in: holder)
        } catch let error as ArchiveError {
            for path in others where path != holder.path {
                guard let check = try await check(of: layer, in: path) else { continue }
                log("\(HintedText(describing: error)); '\(path)' has the layer, too, and it is taken from there")
                return check
            }
            throw error
        }
    }

    /// The verified layer in another backup; nil where that doesn't have it, or not as it must be.
    private func check(of layer: Descriptor, in path: String) async throws -> BlobCheck? {
        do {
            let other = try await BackupFolder.open(path)
            guard other.heldLayers.contains(where: { $0.digest == layer.digest }) else { return nil }
            let check = try await Self.verified(layer, in: other)
            substitutes.packages.withLock { $0[layer.digest] = other }
            return check
        } catch {
            if error is CancellationError || Task.isCancelled { throw error }
            return nil
        }
    }

    private static func verified(_ layer: Descriptor, in package: AnyPackage) async throws -> BlobCheck {
        let check = try await package.check(of: layer)
        try await check.verify()
        return BlobCheck(of: check.source) { item, passed in
            item?.add(Int(layer.size))
            passed(Int(layer.size))
        }
    }
}
