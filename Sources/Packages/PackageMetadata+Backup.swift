public import ContainerImage

extension PackageMetadata {
    /// What only a backup of repositories says.
    public struct Backup: Hashable, Sendable, Codable {
        /// The repositories that it has all of, and patterns of such: what of them isn't in it wasn't there.
        public var scope: [String]
        /// Tags that stand for digests, such as those that list referrers. They come back with the backup, and count for
        /// nothing else.
        public var tags: [TaggedImage]?

        /// Creates the record of a backup.
        public init(scope: [String], tags: [TaggedImage] = []) {
            self.scope = scope
            self.tags = tags.isEmpty ? nil : tags
        }
    }
}
