public import ContainerImage
import FoundationEssentials

/// What tags named at the times of backups: `tags.json` in a folder of backups.
public struct BackupHistory: Sendable, Equatable, Codable {
    /// A tag, what it named, and when that was seen.
    public struct Entry: Sendable, Equatable, Codable {
        /// The repository.
        public var repository: String
        /// The tag.
        public var tag: String
        /// What it named.
        public var digest: Digest
        /// The time of the first backup that has seen it so, `2026-11-28T20:15:03Z`.
        public var seen: String
        /// The time of the last one.
        public var last: String
    }

    var version = 1
    /// All that was seen, sorted by repository, tag and time.
    public private(set) var tags: [Entry] = []

    /// Creates the history of no backup.
    public init() {}

    /// Reads a history.
    ///
    /// - Throws: `BackupHistoryError`.
    public init(decoding bytes: [UInt8], path: String) throws(BackupHistoryError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw BackupHistoryError(path: path)
        }
        guard version == 1 else { throw BackupHistoryError(path: path) }
    }

    /// Adds what a backup has seen.
    ///
    /// - Parameter time: When, in the form of the entries.
    public mutating func note(_ seen: [TaggedImage], at time: String) {
        var positions: [String: Int] = [:]
        // The last entry of a tag is the latest.
        for (position, entry) in tags.enumerated() { positions["\(entry.repository):\(entry.tag)"] = position }
        for image in seen {
            let repository = image.image.repository.description
            if let position = positions["\(repository):\(image.tag)"], tags[position].digest == image.image.digest {
                tags[position].last = time
            } else {
                tags.append(
                    Entry(
                        repository: repository,
                        tag: image.tag.name,
                        digest: image.image.digest,
                        seen: time,
                        last: time
                    )
                )
            }
        }
        tags.sort { ($0.repository, $0.tag, $0.seen) < ($1.repository, $1.tag, $1.seen) }
    }

    /// What the tags named that the backup of `time` has seen.
    public func tags(at time: BackupTime) -> [TaggedImage] {
        let text = time.text
        return tags.filter { $0.seen <= text && text <= $0.last }.compactMap { entry in
            guard let repository = try? Repository(entry.repository), let tag = try? Tag(entry.tag) else { return nil }
            return TaggedImage(tag: tag, image: DigestReference(repository: repository, digest: entry.digest))
        }
    }

    /// The history as text.
    public func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

/// A history of tags that can't be used.
public struct BackupHistoryError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String

    /// What is wrong, and what to do.
    public var description: String {
        "Reading '\(path)': it is not a history of tags; the backups have what is in it, so that it can be deleted"
    }
}
