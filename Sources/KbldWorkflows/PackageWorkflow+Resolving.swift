public import ImageStore
import KbldConfiguration
import LocalFiles

/// Packaging what has tags: it is resolved first.
extension PackageWorkflow {
    /// What is resolved before it is packaged.
    struct Resolution: Sendable {
        let workflow: ResolveWorkflow
        let images: [String: ResolvedImage]
        /// Where the resolved documents go, if they are to be written.
        let output: String?

        /// Writes what was resolved, once the package is whole: neither stands beside another's.
        ///
        /// - Throws: `TextFileError` naming the file.
        func write() async throws {
            let texts = output == nil ? [] : try await workflow.texts(with: images)
            try write(texts)
        }

        /// Swift 6.3's optimizer crashes where this is a part of the asynchronous function.
        @inline(never)
        private func write(_ texts: [String]) throws {
            if let output { try TextFile.write(texts.joined(), to: output) }
            try workflow.writeLocks(of: images)
        }
    }

    /// Checks that all files can be written, reads the documents and resolves their references.
    ///
    /// - Parameters:
    ///   - resolving: What is resolved; its files take the place of those of `options`.
    ///   - resolvedOutput: Where the resolved documents go, if they are to be written.
    /// - Throws: `TextFileError` or `ArchiveError` naming the file; what is wrong with the documents; `ResolutionError`
    ///   with every reference that fails.
    public init(
        _ options: Options,
        resolving: ResolveWorkflow.Options,
        writing resolvedOutput: String?,
        in context: WorkflowContext,
        progress: TransferProgress?
    ) async throws {
        self = try await context.withRegistries { registry in
            try await PackageWorkflow(
                options,
                resolving: resolving,
                writing: resolvedOutput,
                by: registry,
                in: context,
                progress: progress
            )
        }
    }

    /// Resolves the references by what is in `registry`.
    package init(
        _ options: Options,
        resolving: ResolveWorkflow.Options,
        writing resolvedOutput: String?,
        by registry: any ImageRegistry,
        in context: WorkflowContext,
        progress: TransferProgress?
    ) async throws {
        let writer = try Self.writer(by: options)
        try TextFile.check(resolvedOutput)
        let workflow = try await ResolveWorkflow(resolving, in: context)
        let images = try await workflow.run(in: registry, progress: progress)
        workflow.announce(images)
        try self.init(
            options,
            writer,
            of: try workflow.resolved(by: images),
            after: Resolution(workflow: workflow, images: images, output: resolvedOutput),
            in: context
        )
    }
}
