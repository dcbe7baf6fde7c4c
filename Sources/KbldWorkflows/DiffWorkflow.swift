public import ImageStore
public import PackageReport

/// What is different between two sets of images.
public struct DiffWorkflow: Sendable {
    private let subjects: (before: ImageSubject, after: ImageSubject)
    private let names: [String]
    private let limit: Int
    private let context: WorkflowContext

    /// Creates a comparison of two packages, documents, lock files or references.
    ///
    /// - Throws: `UnknownSubjectError` for what can be none of these.
    public init(_ before: String, _ after: String, atMost limit: Int, in context: WorkflowContext) throws {
        subjects = (try ImageSubject(before), try ImageSubject(after))
        names = [before, after]
        self.limit = limit
        self.context = context
    }

    /// Reads manifests and configs of both, and compares them.
    ///
    /// - Throws: `ArchiveError` or `ImageTreeError` naming what can't be read.
    public func run(progress: TransferProgress?) async throws -> PackageDiff {
        let before = try await subjects.before.content(in: context, atMost: limit, progress: progress)
        let after = try await subjects.after.content(in: context, atMost: limit, progress: progress)
        return PackageDiff(before.trees, after.trees, sides: names)
    }
}
