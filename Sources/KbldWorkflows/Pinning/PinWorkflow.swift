public import ContainerImage
public import ImageStore
import KbldConfiguration
import KubernetesYAML
import LocalFiles
import Packages
public import ReferenceChecks
import Resolution
public import SourceReferences
import SystemPackage

/// References are pinned in the files that people write.
public struct PinWorkflow: Sendable {
    /// What is done to references.
    public enum Action: Sendable {
        /// Those without a digest get one.
        case pin
        /// Those with a digest get that of their tag now, others get one.
        case update
        /// Digests are removed.
        case undo
    }

    /// What is pinned, and how.
    public struct Options: Sendable {
        /// The files.
        public var selection: SourceFileSelection
        /// What is done.
        public var action = Action.pin
        /// How references are written; nil for the form that they have, and for tag and digest where they have none.
        public var form: PinForm?
        /// Which repositories are meant, as in `docker.io/library/*`; all where there are none.
        public var only: [NamePattern] = []
        /// Which repositories aren't.
        public var skip: [NamePattern] = []
        /// Which image of an index is chosen; nil for the index itself.
        public var platform: Platform?
        /// Where a lock file goes, if there is to be one.
        public var lockOutput: String?
        /// A file with a JSON object from reference to reference, in the place of registries.
        public var imageMap: String?
        /// A package in the place of registries.
        public var package: String?
        /// Whether one that fails leaves the others alone.
        public var keepsGoing = false
        /// Whether a digest may go into a chart's field for the tag.
        public var usesTagField = false
        /// Whether what has no tag in its file is pinned as `latest`.
        public var pinsUntagged = false

        /// Creates options to pin all references of the files.
        public init(selection: SourceFileSelection) { self.selection = selection }
    }

    let options: Options
    let context: WorkflowContext

    /// Checks that the lock can be written.
    ///
    /// - Throws: `TextFileError` naming the lock.
    public init(_ options: Options, in context: WorkflowContext) throws {
        try TextFile.check(options.lockOutput)
        self.options = options
        self.context = context
    }

    /// A reference that something is done to.
    struct Item: Sendable {
        let file: Int
        let reference: SourceReference
        /// What is looked up: the reference as written, without its digest.
        let key: String
        /// Where it is: `app.yml:3:5`.
        let place: String
    }

    /// Finds the references, resolves them, and edits the files in memory.
    ///
    /// - Throws: `PinError` with all that failed, unless it is to go on; `ImageMapError`; what opening the package throws.
    public func run(progress: TransferProgress?) async throws -> PinnedFiles {
        let loaded = try await options.selection.load(variables: context.variables)
        for remark in loaded.remarks { context.warning("\(remark): it is passed over") }
        var result = PinnedFiles()
        result.failures = loaded.failures.map { HintedText("\($0)") }
        result.files = loaded.files.map { PinnedFiles.File(loaded: $0) }
        var configuration = Configuration()
        var unreadable: Set<Int> = []
        // A lock that lies in a folder tells what it knows; one that is named stands in place of the registries.
        let named = Set(options.selection.names.map { FilePath($0).withoutDot.string })
        var asksRegistries = options.package == nil && options.imageMap == nil
        for (index, file) in loaded.files.enumerated() {
            do {
                let own = try self.configuration(in: file.source)
                configuration.append(own)
                let isLock = own.overrides.contains(where: \.preresolved)
                if isLock, named.contains(FilePath(file.source.path).withoutDot.string) { asksRegistries = false }
            } catch {
                result.failures.append(HintedText(describing: error))
                unreadable.insert(index)
            }
        }
        if let imageMap = options.imageMap { configuration.append(try ImageMap.read(imageMap)) }
        var items: [Item] = []
        var pinned: [String: DigestReference] = [:]
        var names: Set<String> = []
        for (index, file) in loaded.files.enumerated() where !unreadable.contains(index) {
            do {
                let references = try file.source.references(by: configuration.rules)
                for reference in references {
                    names.formUnion(Self.names(of: reference))
                    guard let digest = reference.parsed?.digest, let repository = reference.repository else { continue }
                    pinned[reference.text] = DigestReference(repository: repository, digest: digest)
                }
                items += self.items(references, of: index, in: file.source, failures: &result.failures)
            } catch {
                // The templates of a chart lie among what is meant.
                if file.isChartTemplate { context.warning("\(error)") } else { result.failures.append("\(error)") }
            }
        }
        for pattern in options.only + options.skip where !names.contains(where: pattern.matches) {
            context.warning(
                "'\(pattern.text)' is the name of none of the images; names are written in full, as docker.io/library/nginx"
            )
        }
        // Nothing is asked for in vain.
        guard result.failures.isEmpty || options.keepsGoing else { throw PinError(failures: result.failures) }
        let images =
            options.action == .undo
            ? [:]
            : try await resolve(
                items,
                by: configuration,
                asksRegistries: asksRegistries,
                progress: progress,
                failures: &result.failures
            )
        try edit(&result, items, images, by: configuration)
        guard result.failures.isEmpty || options.keepsGoing else { throw PinError(failures: result.failures) }
        try writeLock(of: images, pinned, configuration)
        return result
    }

    // MARK: Finding

    /// The config documents and locks of a file.
    private func configuration(in file: SourceFile) throws -> Configuration {
        guard file.kind == .kubernetes else { return Configuration() }
        let marks = ["kbld.k14s.io/", "imgpkg.carvel.dev/"]
        guard marks.contains(where: { file.bytes.firstRange(of: $0.utf8) != nil }) else { return Configuration() }
        let documents = try YAMLReader.documents(in: file.bytes, file: file.path)
        return try Configuration.extract(from: documents, version: context.version).configuration
    }

    /// What there is to do in a file; what can't be done is told.
    private func items(
        _ references: [SourceReference],
        of file: Int,
        in source: SourceFile,
        failures: inout [HintedText]
    ) -> [Item] {
        references.compactMap { reference in
            let place = "\(source.path):\(reference.start.line):\(reference.start.column)"
            guard !isIgnored(reference) else { return nil }
            switch reference.disposition {
            case .interpolated:
                context.warning("\(place): '\(reference.text)' is left as it is: it has variables in it (interpolated)")
                return nil
            case .unsupported(let reason):
                guard isSelected(reference), needsWork(reference) else { return nil }
                context.warning("\(place): '\(reference.text)' is left as it is: \(reason)")
                return nil
            case .invalid(let reason):
                // A key called `image` in a file that is no Kubernetes resource may hold anything.
                if source.kind == .kubernetes, !reference.place.contains(" ") {
                    context.warning("\(place): '\(reference.text)' is left as it is: \(reason)")
                } else {
                    failures.append("\(place): \(reason)")
                }
                return nil
            case .reference: break
            }
            guard isSelected(reference), needsWork(reference), let parsed = reference.parsed,
                isSupported(reference, place)
            else { return nil }
            var key = reference.note ?? parsed
            key.digest = nil
            return Item(file: file, reference: reference, key: "\(key)", place: place)
        }
    }

    // MARK: Editing

    private func edit(
        _ result: inout PinnedFiles,
        _ items: [Item],
        _ images: [String: Resolved],
        by configuration: Configuration
    ) throws {
        for (index, items) in Dictionary(grouping: items, by: \.file).sorted(by: { $0.key < $1.key }) {
            try Task.checkCancellation()
            let source = result.files[index].loaded.source
            var edits: [SourceEdit] = []
            do throws(SourceFileError) {
                for item in items {
                    do throws(SourceFileError) {
                        let more = try self.edits(for: item, images, in: source)
                        edits += more
                        result.files[index].count += more.isEmpty ? 0 : 1
                    } catch {
                        result.failures.append("\(error)")
                    }
                }
                result.files[index].edited = try source.applying(edits, by: configuration.rules)
                result.files[index].edits = edits
            } catch {
                result.files[index].count = 0
                result.failures.append("\(error)")
            }
        }
    }

    private func edits(
        for item: Item,
        _ images: [String: Resolved],
        in source: SourceFile
    ) throws(SourceFileError) -> [SourceEdit] {
        guard options.action != .undo else { return try source.edits(unpinning: item.reference) }
        guard case .image(let image)? = images[item.key] else { return [] }
        let isElsewhere = image.repository != item.reference.repository
        return try source.edits(
            pinning: item.reference,
            to: image.digest,
            as: options.form == .digest && !item.reference.hasRoomForNote ? .tagAndDigest : options.form,
            named: isElsewhere ? image.repository.description : nil,
            usesTagField: options.usesTagField
        )
    }

    /// Writes what references were resolved to, and what those have that were pinned before.
    private func writeLock(
        of images: [String: Resolved],
        _ pinned: [String: DigestReference],
        _ configuration: Configuration
    ) throws {
        guard let path = options.lockOutput else { return }
        var all = options.action == .pin ? pinned : [:]
        for case (let key, .image(let image)) in images { all[key] = image }
        let entries = all.sorted { $0.key < $1.key }.map { key, image in
            LockOutput.Entry(matcher: .image(key), newImage: "\(image)")
        }
        let lock = LockOutput(
            minimumRequiredVersion: context.version,
            searchRules: configuration.givenRules,
            images: entries
        )
        try TextFile.write(lock.text, to: path)
    }
}
