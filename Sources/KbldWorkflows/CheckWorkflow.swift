public import ContainerImage
import FoundationEssentials
package import ImageStore
public import ImageTransfer
import KbldConfiguration
import KubernetesYAML
import Packages
public import ReferenceChecks
import SourceReferences
import SystemPackage

/// What is wrong with the references of files.
public struct CheckWorkflow: Sendable {
    /// What is checked.
    public struct Options: Sendable {
        /// The files.
        public var selection: SourceFileSelection
        /// The rules, their levels, and what they go by.
        public var settings: CheckSettings
        /// A package that must have the images.
        public var package: String?
        /// A repository that must have them, and how it is laid out.
        public var mirror: (root: Repository, layout: RepositoryLayout)?
        /// A lock file that must agree with the references.
        public var lock: String?
        /// The signatures that the images must have, and where a report of them goes.
        public var signatures = SignatureGate.Options()
        /// The JSON of an earlier report, whose findings are left out.
        public var baseline: String?

        /// Creates options to check the files of a selection.
        public init(selection: SourceFileSelection, settings: CheckSettings) {
            self.selection = selection
            self.settings = settings
        }
    }

    /// What is checked, and in which of the files it is.
    private let references: [CheckedReference]
    private let sources: [(file: SourceFile, reference: SourceReference?)]
    private let settings: CheckSettings
    private let baseline: Baseline?
    private let gate: SignatureGate?
    private let verdicts = SignatureVerdicts()
    private let context: WorkflowContext

    /// Reads the files, and what they are compared with.
    ///
    /// - Throws: `CheckFilesError`, `SourceFileError`, `CheckInputError`, and what is wrong with a package or a
    ///   lock.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        self.context = context
        baseline = try options.baseline.map { try CheckInputs.baseline($0) }
        var settings = options.settings
        if let path = options.lock { settings.lock = try await CheckInputs.lock(path, in: context) }
        gate = settings.rules.contains(.unsigned) ? try SignatureGate(options.signatures) : nil
        if let path = options.package {
            let found = try await CheckInputs.package(path, gate, atMost: settings.concurrency, in: context)
            settings.package = found.images
            verdicts.add(found.verdicts)
        }
        if let gate { settings.signatures = gate.judge(noting: verdicts) }
        if let (root, layout) = options.mirror {
            settings.mirror = ImageMirror(root: root) { repository throws(ReferenceError) in
                try layout.repository(for: repository, below: root)
            }
        }
        self.settings = settings
        let loaded = try await options.selection.load(variables: context.variables)
        for remark in loaded.remarks { context.warning("\(remark): it is passed over") }
        guard loaded.failures.isEmpty else { throw CheckFilesError(failures: loaded.failures) }
        let folder = FileManager.default.currentDirectoryPath
        let files = loaded.files.map { file in
            SourceFile(
                path: file.target == nil ? file.source.path : Self.path(file.source.path, from: folder),
                bytes: file.source.bytes,
                kind: file.source.kind
            )
        }
        if files.isEmpty { context.warning("there are no files that could name images") }
        let rules = try Self.searchRules(of: files, in: context)
        var references: [CheckedReference] = []
        var sources: [(SourceFile, SourceReference?)] = []
        for file in files {
            for (checked, reference) in try Self.references(of: file, by: rules, settings) {
                references.append(checked)
                sources.append((file, reference))
            }
        }
        self.references = references
        self.sources = sources
    }

    /// Whether registries are asked.
    public var asksRegistry: Bool { ReferenceCheck(settings).asksRegistry }

    /// Applies the rules.
    ///
    /// - Throws: What keeps a client of registries from being made; what registries don't say is in the report.
    public func run() async throws -> CheckReport {
        guard asksRegistry else { return try finished(check.report(on: references)) }
        return try await context.withRegistries { try await run(in: $0) }
    }

    /// Applies the rules, asking `registry`.
    package func run(in registry: any ImageRegistry) async throws -> CheckReport {
        try finished(try await check.report(on: references, asking: registry))
    }

    private var check: ReferenceCheck {
        let sources = sources
        return ReferenceCheck(settings) { number, digest in
            let (file, reference) = sources[number]
            return reference.map { Self.replacements(pinning: $0, to: digest, in: file) } ?? []
        }
    }

    private func finished(_ report: CheckReport) throws -> CheckReport {
        try gate?.report(verdicts.all)
        return baseline.map { report.without($0) } ?? report
    }

    /// A path as programs name it that read reports: from the working folder on where it is below that, without `.`.
    private static func path(_ path: String, from folder: String) -> String {
        var path = FilePath(path).lexicallyNormalized()
        let folder = FilePath(folder)
        if path.isAbsolute, path != folder, path.starts(with: folder) { _ = path.removePrefix(folder) }
        if path.isRelative, let up = path.components.first, up.kind == .parentDirectory {
            // From elsewhere back into the working folder.
            let whole = folder.pushing(path).lexicallyNormalized()
            if whole != folder, whole.starts(with: folder) {
                path = whole
                _ = path.removePrefix(folder)
            }
        }
        return path.string
    }

    // MARK: References

    /// Where Kubernetes documents have references: config documents among the files say it.
    private static func searchRules(of files: [SourceFile], in context: WorkflowContext) throws -> [SearchRule] {
        var configuration = Configuration()
        let apiGroup = Array("kbld.k14s.io".utf8)
        for file in files where file.kind == .kubernetes && file.bytes.firstRange(of: apiGroup) != nil {
            // What is wrong with a file is told when its references are looked for.
            guard let documents = try? YAMLReader.documents(in: file.bytes, file: file.path) else { continue }
            configuration.append(try Configuration.extract(from: documents, version: context.version).configuration)
        }
        return configuration.rules
    }

    private static func references(
        of file: SourceFile,
        by rules: [SearchRule],
        _ settings: CheckSettings
    ) throws -> [(CheckedReference, SourceReference?)] {
        let found: [SourceReference]
        var overlooked: [SourceReference]
        do {
            (found, overlooked) = try file.allReferences(by: rules)
        } catch {
            guard let template = template(file, error) else { throw error }
            return [(template, nil)]
        }
        if !settings.rules.contains(.overlooked) { overlooked = [] }
        return found.map { (CheckedReference($0, in: file.path), $0) }
            + overlooked.map { reference in
                var checked = CheckedReference(reference, in: file.path)
                checked.content = .overlooked
                return (checked, nil)
            }
    }

    /// A file that isn't YAML yet, as a template's actions are in it.
    private static func template(_ file: SourceFile, _ error: SourceFileError) -> CheckedReference? {
        guard file.bytes.firstRange(of: "{{".utf8) != nil, file.bytes.firstRange(of: "}}".utf8) != nil else {
            return nil
        }
        return CheckedReference(
            path: file.path,
            region: SourceRegion(line: error.line ?? 1, columns: 1..<1),
            text: "{{…}}",
            content: .interpolated
        )
    }

    private static func replacements(
        pinning reference: SourceReference,
        to digest: Digest,
        in file: SourceFile
    ) -> [Finding.Replacement] {
        guard let edits = try? file.edits(pinning: reference, to: digest) else { return [] }
        let places = file.positions(of: edits.flatMap { [$0.range.lowerBound, $0.range.upperBound] })
        return edits.enumerated().map { number, edit in
            Finding.Replacement(
                region: SourceRegion(places[2 * number], places[2 * number + 1]),
                text: edit.replacement
            )
        }
    }
}

extension CheckedReference {
    /// A reference of a file as checks see it.
    fileprivate init(_ reference: SourceReference, in path: String) {
        let content: Content
        switch reference.disposition {
        case .interpolated: content = .interpolated
        case .invalid(let reason): content = .invalid(reason)
        case .reference, .unsupported:
            if let repository = reference.repository {
                content = .image(
                    repository,
                    tag: reference.parsed?.tag ?? reference.note?.tag,
                    digest: reference.parsed?.digest
                )
            } else {
                content = .invalid("it has no name")
            }
        }
        self.init(
            path: path,
            region: SourceRegion(reference.start, reference.end),
            text: reference.text,
            content: content,
            ignored: Set(CheckRule.allCases.filter { reference.ignored.contains($0.id) })
        )
    }
}

extension SourceRegion {
    /// Creates a region of a file.
    init(_ start: SourcePosition, _ end: SourcePosition) {
        self.init(line: start.line, column: start.utf16Column, endLine: end.line, endColumn: end.utf16Column)
    }
}

/// Files that can't be looked at.
public struct CheckFilesError: MultilineError, Sendable {
    /// Each, and why.
    let failures: [SourceFileError]

    /// A line for each.
    public var lines: [HintedText] { failures.map { HintedText("\($0)") } }
}
