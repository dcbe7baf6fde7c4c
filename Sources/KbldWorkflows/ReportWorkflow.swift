public import ContainerImage
public import ImageStore
public import PackageReport

/// Where the bytes of images are.
public struct ReportWorkflow: Sendable {
    private let subject: ImageSubject
    private let name: String
    private let limit: Int
    private let context: WorkflowContext

    /// Creates a report on `subject`: a package, documents or a lock file, or a reference.
    ///
    /// - Throws: `UnknownSubjectError` when it can be none of these.
    public init(on subject: String, atMost limit: Int, in context: WorkflowContext) throws {
        self.init(try ImageSubject(subject), name: subject, limit, context)
    }

    /// Creates a report on the images of documents.
    public init(onDocuments files: [String], atMost limit: Int, in context: WorkflowContext) {
        self.init(.documents(files), name: files.joined(separator: ", "), limit, context)
    }

    private init(_ subject: ImageSubject, name: String, _ limit: Int, _ context: WorkflowContext) {
        self.subject = subject
        self.name = name
        self.limit = limit
        self.context = context
    }

    /// Reads manifests and configs; layers stay where they are.
    ///
    /// - Returns: The report, and lines on what isn't there.
    /// - Throws: `ArchiveError` or `ImageTreeError` naming what can't be read.
    public func run(progress: TransferProgress?) async throws -> (report: PackageReport, remarks: [HintedText]) {
        let content = try await subject.content(in: context, atMost: limit, progress: progress)
        return (
            PackageReport(content.trees, subject: name, packageBytes: content.packageBytes),
            PackageFormatLog.absent(from: content.trees)
        )
    }
}
