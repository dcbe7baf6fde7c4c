public import ContainerImage
import FoundationEssentials
import LibC
public import LocalFiles
public import SourceReferences
import SystemPackage

/// The files that were looked at, and what was made of them.
public struct PinnedFiles: Sendable {
    /// A file, and its edits.
    public struct File: Sendable {
        /// As it was read.
        public let loaded: LoadedSourceFile
        /// What changes.
        public internal(set) var edits: [SourceEdit] = []
        /// What it becomes; nil where nothing changes.
        public internal(set) var edited: SourceFile?
        /// How many references change.
        public internal(set) var count = 0

        init(loaded: LoadedSourceFile) { self.loaded = loaded }

        var isChanged: Bool { edited.map { $0.bytes != loaded.source.bytes } ?? false }
        var newBytes: [UInt8] { edited?.bytes ?? loaded.source.bytes }
    }

    /// In the order in which they were read.
    public internal(set) var files: [File] = []
    /// What failed, where the work went on.
    public internal(set) var failures: [HintedText] = []

    /// How many references change.
    public var referenceCount: Int { files.reduce(0) { $0 + $1.count } }
    /// How many files change.
    public var changedFileCount: Int { files.count(where: \.isChanged) }

    /// What standard input becomes; nil where it wasn't read.
    public var standardInput: [UInt8]? { files.first { $0.loaded.target == nil }?.newBytes }

    /// The changes as a patch, in bytes; the paths in it are relative to this folder, where the files are below it.
    public func patch(from folder: String) -> [UInt8] {
        files.flatMap { file in
            UnifiedDiff(
                of: file.edits,
                in: file.loaded.source,
                path: Self.relativePath(file.loaded.source.path, to: folder)
            ).bytes
        }
    }

    /// Replaces the files that change, all or none.
    ///
    /// - Throws: `TextFileError` naming a file that has changed since it was read, or can't be written.
    public func replaceFiles() throws(TextFileError) {
        let changed = files.filter { $0.isChanged }.compactMap { file in
            file.loaded.target.map { (path: $0, bytes: file.newBytes, old: file.loaded as LoadedSourceFile?) }
        }
        try Self.write(changed)
    }

    /// Writes all files into `folder`, all or none, at their paths relative to `base`.
    ///
    /// - Throws: `TextFileError` naming a file that can't be written, or two of one name.
    public func write(into folder: String, relativeTo base: String) throws(TextFileError) {
        var known: Set<FilePath> = []
        var all: [(path: FilePath, bytes: [UInt8], old: LoadedSourceFile?)] = []
        for file in files {
            let relative = FilePath(Self.relativePath(file.loaded.source.path, to: base))
            // What is above stays within.
            let components = relative.components.filter { $0.kind == .regular }
            let path = FilePath(folder).appending(components)
            guard known.insert(path).inserted else {
                throw TextFileError(path: path.string, reason: "two of the files would be written there")
            }
            all.append((path, file.newBytes, nil))
        }
        for (path, _, _) in all {
            do {
                try FileManager.default.createDirectory(
                    atPath: path.removingLastComponent().string,
                    withIntermediateDirectories: true
                )
            } catch {
                throw TextFileError(path: path.string, reason: "its folder can't be created")
            }
        }
        try Self.write(all)
    }

    /// Writes beside all files first, and gives them their names in the end.
    private static func write(
        _ files: [(path: FilePath, bytes: [UInt8], old: LoadedSourceFile?)]
    ) throws(TextFileError) {
        var written: [AtomicFile] = []
        do {
            for file in files {
                guard FilePath(file.path.string) == file.path else {
                    throw TextFileError(path: file.path.shown, reason: "its name is not text in UTF-8")
                }
                let new = try AtomicFile(
                    path: file.path.string,
                    start: .anew,
                    permissions: FilePermissions(rawValue: 0o644)
                )
                written.append(new)
                if file.old != nil { Self.keep(permissionsOf: file.path, for: new.descriptor) }
                _ = try new.descriptor.writeAll(file.bytes)
            }
            for file in files where file.old?.isUnchanged == false {
                throw TextFileError(path: file.old?.source.path ?? "", reason: "it has changed since it was read")
            }
        } catch {
            for file in written { file.discard() }
            throw Self.error(error)
        }
        for (position, file) in written.enumerated() {
            do {
                try file.commit()
            } catch {
                for file in written[(position + 1)...] { file.discard() }
                for file in files[..<position] {
                    if let old = file.old?.source.bytes { restore(old, to: file.path) }
                }
                throw TextFileError(path: error.path, reason: error.reason)
            }
        }
    }

    /// Gives a file the owner and the permissions of the one that it is to replace, as far as that is allowed.
    private static func keep(permissionsOf path: FilePath, for descriptor: FileDescriptor) {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { return }
        let isOwned = fchown(descriptor.rawValue, status.st_uid, status.st_gid) == 0
        // Who isn't the owner doesn't leave a file for more than it was for.
        fchmod(descriptor.rawValue, status.st_mode & (isOwned || status.st_uid == geteuid() ? 0o777 : 0o775))
    }

    private static func error(_ error: any Error) -> TextFileError {
        if let error = error as? TextFileError { return error }
        if let error = error as? AtomicFileError { return TextFileError(path: error.path, reason: error.reason) }
        return TextFileError(path: "the files", reason: "\(error)")
    }

    /// Writes what was there before, as well as that is possible.
    private static func restore(_ bytes: [UInt8], to path: FilePath) {
        guard let file = try? AtomicFile(path: path.string, start: .anew, permissions: FilePermissions(rawValue: 0o644))
        else { return }
        guard (try? file.descriptor.writeAll(bytes)) != nil else { return file.discard() }
        try? file.commit()
    }

    /// The path as it is written from `folder`, where it is below it.
    private static func relativePath(_ path: String, to folder: String) -> String {
        var path = FilePath(path)
        path.lexicallyNormalize()
        if path.isAbsolute, path.starts(with: FilePath(folder)) { _ = path.removePrefix(FilePath(folder)) }
        return String(path.string.drop { $0 == "/" })
    }
}
