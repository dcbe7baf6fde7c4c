import LibC
public import SourceReferences
import SystemPackage

/// Which files are looked at for image references.
public struct SourceFileSelection: Sendable {
    /// Files, folders, and `-` for standard input.
    public var names: [String]
    /// What all of them are; nil to find out from name and content.
    public var kind: SourceFileKind?
    /// Whether files in folders are taken that git ignores.
    public var takesGitIgnored = false
    /// Whether links in folders are passed over that lead out of what was named; those that lead nowhere always are.
    public var passesOverLinks = false

    /// How long a file may be, in bytes.
    static let sizeLimit = 64 << 20

    /// The files that were read, and why others weren't.
    public struct Files: Sendable {
        /// In the order of their names.
        public var files: [LoadedSourceFile] = []
        /// A file that must be looked at, and can't be.
        public var failures: [SourceFileError] = []
        /// Links in folders that are passed over, and why.
        public var remarks: [SourceFileError] = []
    }

    /// Creates a selection.
    public init(names: [String], kind: SourceFileKind? = nil) {
        self.names = names
        self.kind = kind
    }

    /// Reads the files. Those of folders are passed over that don't name images, are binary or too long.
    ///
    /// - Throws: `CancellationError`.
    public func load(variables: [String: String]) async throws -> Files {
        var result = Files()
        var known: Set<FilePath> = []
        let roots = names.filter { $0 != "-" }.compactMap { Self.realPath(of: FilePath($0)) }
        func take(_ path: FilePath, isNamed: Bool) {
            do throws(SourceFileError) {
                guard let file = try read(path, isNamed: isNamed, within: roots) else { return }
                if let target = file.target { guard known.insert(target).inserted else { return } }
                result.files.append(file)
            } catch {
                let isRemark = !isNamed && Self.isLink(path) && (passesOverLinks || Self.realPath(of: path) == nil)
                if isRemark { result.remarks.append(error) } else { result.failures.append(error) }
            }
        }
        for name in names {
            try Task.checkCancellation()
            if name == "-" {
                do throws(SourceFileError) {
                    result.files.append(try readStandardInput())
                } catch {
                    result.failures.append(error)
                }
                continue
            }
            let path = FilePath(name)
            guard Self.isFolder(path) else {
                take(path, isNamed: true)
                continue
            }
            var found: [FilePath] = []
            result.failures += Self.collect(path, into: &found) { kind != nil || SourceFileKind.isCandidate($0) }
            // What is named itself is meant.
            let isIgnored = try await GitIgnoredFiles.among([path], in: "", variables: variables).contains(path)
            if !takesGitIgnored, !isIgnored {
                let ignored = try await GitIgnoredFiles.among(found, in: path, variables: variables)
                found.removeAll { ignored.contains($0) }
            }
            for path in found { take(path.withoutDot, isNamed: false) }
        }
        return result
    }

    // MARK: Reading

    private func readStandardInput() throws(SourceFileError) -> LoadedSourceFile {
        let bytes: [UInt8]
        do {
            bytes = try Self.contents(of: .standardInput)
        } catch {
            throw SourceFileError(path: "stdin", reason: "\(error)")
        }
        guard bytes.count <= Self.sizeLimit else { throw SourceFileError(path: "stdin", reason: Self.tooLong) }
        guard let kind = kind ?? SourceFileKind(detecting: "stdin.yml", bytes) else {
            throw SourceFileError(path: "stdin", reason: "its type is unknown")
        }
        return LoadedSourceFile(
            source: SourceFile(path: "stdin", bytes: bytes, kind: kind),
            target: nil,
            state: nil
        )
    }

    /// Reads a file; nil for one that is passed over.
    private func read(
        _ path: FilePath,
        isNamed: Bool,
        within roots: [FilePath]
    ) throws(SourceFileError) -> LoadedSourceFile? {
        let shown = path.shown
        guard let target = Self.realPath(of: path) else {
            throw SourceFileError(path: shown, reason: "\(Errno(rawValue: errno))")
        }
        if !isNamed, Self.isLink(path), !roots.contains(where: { target.starts(with: $0) }) {
            throw SourceFileError(path: shown, reason: "it is a link to '\(target.shown)', outside of what was named")
        }
        let (bytes, state): ([UInt8], LoadedSourceFile.State)
        do {
            (bytes, state) = try Self.contents(of: target)
        } catch {
            throw SourceFileError(path: shown, reason: "\(error)")
        }
        func refuse(_ reason: String) throws(SourceFileError) -> LoadedSourceFile? {
            guard isNamed else { return nil }
            throw SourceFileError(path: shown, reason: reason)
        }
        guard bytes.count <= Self.sizeLimit else { return try refuse(Self.tooLong) }
        guard !bytes.prefix(8192).contains(0) else { return try refuse("it is a binary file") }
        guard let kind = kind ?? SourceFileKind(detecting: shown, bytes) else {
            return try refuse("its type is unknown from its name; name the type")
        }
        let source = SourceFile(path: shown, bytes: bytes, kind: kind)
        return LoadedSourceFile(source: source, target: target, state: state)
    }

    private static var tooLong: String { "it is longer than \(sizeLimit >> 20) MiB" }

    private static func contents(of path: FilePath) throws -> ([UInt8], LoadedSourceFile.State) {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        return try file.closeAfter {
            var status = stat()
            guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw NotRegularFileError() }
            return (try contents(of: file), LoadedSourceFile.State(status))
        }
    }

    /// What there is to read, up to a little more than the limit.
    private static func contents(of file: FileDescriptor) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { chunk.deallocate() }
        while bytes.count <= sizeLimit, case let count = try file.read(into: chunk), count > 0 {
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }

    private struct NotRegularFileError: Error, CustomStringConvertible {
        var description: String { "it is not a regular file" }
    }
}
