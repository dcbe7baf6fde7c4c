import ContainerImage
import LibC

/// What nobody needs any more.
extension FolderStorage {
    /// Removes content that no repository has, neither as a blob nor as a manifest. The caller holds ``names``.
    ///
    /// Where a folder can't be read, it stays until the next sweep.
    func free(_ digest: Digest) {
        guard let isNamed = try? isNamed(digest, below: "\(root)/repositories"), !isNamed else { return }
        unlink(blobPath(digest))
    }

    private func isNamed(_ digest: Digest, below path: String) throws(StorageError) -> Bool {
        for entry in try Self.list(path) {
            switch entry {
            case "_blobs", "_manifests": if access("\(path)/\(entry)/\(digest.hex)", F_OK) == 0 { return true }
            case "_tags": break
            default: if try isNamed(digest, below: "\(path)/\(entry)") { return true }
            }
        }
        return false
    }

    /// Removes what a process that has ended left: uploads, which nobody can go on with, and content without a name.
    func sweep() {
        for upload in Self.entries(of: "\(root)/uploads") { unlink("\(root)/uploads/\(upload)") }
        guard let named = try? namedContent("\(root)/repositories") else { return }
        for name in Self.entries(of: "\(root)/blobs") where Self.digest(named: name) != nil && !named.contains(name) {
            unlink("\(root)/blobs/\(name)")
        }
    }

    /// The names of all content of repositories.
    ///
    /// - Throws: When any folder can't be read: nothing may be taken for unnamed then.
    private func namedContent(_ path: String) throws(StorageError) -> Set<String> {
        var found: Set<String> = []
        for entry in try Self.list(path) {
            switch entry {
            case "_blobs", "_manifests": found.formUnion(try Self.list("\(path)/\(entry)"))
            case "_tags": break
            default: found.formUnion(try namedContent("\(path)/\(entry)"))
            }
        }
        return found
    }
}
