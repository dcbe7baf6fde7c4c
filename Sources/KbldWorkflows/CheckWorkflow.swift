public import ContainerImage
import ImageStore
public import ImageTransfer
import KbldConfiguration
import KubernetesYAML
import Packages
public import ReferenceChecks
import SourceReferences

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
        if let path = options.package { settings.package = try await CheckInputs.package(path) }
        if let (root, layout) = options.mirror {
            settings.mirror = ImageMirror(root: root) { repository throws(ReferenceError) in
                try layout.repository(for: repository, below: root)
            }
        }
        self.settings = settings
        let loaded = try await options.selection.load(variables: context.variables)
        guard loaded.failures.isEmpty else { throw CheckFilesError(failures: loaded.failures) }
        let files = loaded.files.map(\.source)
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
        let sources = sources
        let check = ReferenceCheck(settings) { number, digest in
            let (file, reference) = sources[number]
            return reference.map { Self.replacements(pinning: $0, to: digest, in: file) } ?? []
        }
        let report: CheckReport
        if check.asksRegistry {
            let references = references
            report = try await context.withRegistries { registry in
                try await check.report(on: references, asking: registry)
            }
        } else {
            report = check.report(on: references)
        }
        return baseline.map { report.without($0) } ?? report
    }

    // MARK: References

    /// Where Kubernetes documents have references: config documents among the files say it.
    private static func searchRules(of files: [SourceFile], in context: WorkflowContext) throws -> [SearchRule] {
        var configuration = Configuration()
        for file in files where file.kind == .kubernetes {
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
        do {
            found = try file.references(by: rules)
        } catch {
            guard let template = template(file, error) else { throw error }
            return [(template, nil)]
        }
        let overlooked = settings.rules.contains(.overlooked) ? try file.overlooked(by: rules) : []
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
        return edits.map { edit in
            let start = file.position(of: edit.range.lowerBound)
            let end = file.position(of: edit.range.upperBound)
            return Finding.Replacement(
                region: SourceRegion(
                    line: start.line,
                    column: start.utf16Column,
                    endLine: end.line,
                    endColumn: end.utf16Column
                ),
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
            region: SourceRegion(
                line: reference.start.line,
                column: reference.start.utf16Column,
                endLine: reference.end.line,
                endColumn: reference.end.utf16Column
            ),
            text: reference.text,
            content: content,
            ignored: Set(CheckRule.allCases.filter { reference.ignored.contains($0.id) })
        )
    }
}

/// Files that can't be looked at.
public struct CheckFilesError: MultilineError, Sendable {
    /// Each, and why.
    let failures: [SourceFileError]

    /// A line for each.
    public var lines: [HintedText] { failures.map { HintedText("\($0)") } }
}
