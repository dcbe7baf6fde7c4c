import Algorithms
import ContainerImage
import ImageStore
import KbldConfiguration
import Packages
import Resolution
import SourceReferences

extension PinWorkflow {
    /// What a reference came to.
    enum Resolved: Sendable {
        /// This image.
        case image(DigestReference)
        /// Nothing: its tag is gone, its digest is still there.
        case kept
    }

    /// What is looked up: each distinct image once.
    private struct Query: Sendable, Hashable {
        /// The reference that the resolver is asked for.
        let text: String
        /// The reference in full; nil for one that a configuration replaces.
        let reference: ImageReference?
    }

    /// Resolves what `items` name, each distinct reference once.
    func resolve(
        _ items: [Item],
        by configuration: Configuration,
        asksRegistries: Bool,
        progress: TransferProgress?,
        failures: inout [HintedText]
    ) async throws -> [String: Resolved] {
        let keys = items.map(\.key).uniqued().sorted()
        guard !keys.isEmpty else { return [:] }
        if options.platform != nil {
            context.warning("digests are those of one platform's images: others can't run them")
        }
        var queries: [String: Query] = [:]
        for key in keys { queries[key] = query(for: key, by: configuration) }
        let results = try await results(
            of: Array(Set(queries.values)),
            by: configuration,
            isOffline: !asksRegistries,
            progress: progress
        )
        var resolved: [String: Resolved] = [:]
        for key in keys {
            guard let query = queries[key], let result = results[query] else { continue }
            let items = items.filter { $0.key == key }
            switch result {
            case .success(let image):
                context.log("final: \(key) -> \(image)")
                resolved[key] = .image(image)
            case .failure(let failure):
                if failure.isAbsence, try await areThere(items) {
                    context.warning("\(key): the tag is gone, and the digest is still there: it is kept")
                    resolved[key] = .kept
                } else {
                    let more = items.count > 1 ? " and \(Count.text(items.count - 1, "more place"))" : ""
                    let place = (items.first?.place ?? "") + more
                    failures.append("Resolving image '\(key)' (\(place)): \(failure.message)")
                }
            }
        }
        return resolved
    }

    /// Why a reference can't be resolved.
    private struct Failure: Error {
        let message: HintedText
        var isAbsence = false

        init(_ message: HintedText) { self.message = message }

        init(_ error: any Error) {
            let cause = (error as? ResolutionError)?.failures.first?.cause ?? error
            let lines = [HintedText](describing: cause)
            message = lines.dropFirst().reduce(lines.first ?? "") { $0 + " " + $1 }
            isAbsence = (cause as? any StoreError)?.meansAbsence == true
        }
    }

    private func query(for key: String, by configuration: Configuration) -> Query {
        guard let reference = try? ImageReference(key) else { return Query(text: key, reference: nil) }
        let isConfigured = configuration.override(for: key) != nil || configuration.source(for: key) != nil
        if isConfigured { return Query(text: key, reference: nil) }
        // The same image may be written in another way there.
        let equal = configuration.overrides.first { override in
            guard case .image(let text) = override.matcher else { return false }
            return (try? ImageReference(text)) == reference
        }
        if let equal { return Query(text: "\(equal.matcher)", reference: nil) }
        return Query(text: "\(reference)", reference: reference)
    }

    private func results(
        of queries: [Query],
        by configuration: Configuration,
        isOffline: Bool,
        progress: TransferProgress?
    ) async throws -> [Query: Result<DigestReference, Failure>] {
        let package = try await options.package.asyncMap { try await context.package(at: $0) }
        var results: [Query: Result<DigestReference, Failure>] = [:]
        var open: [Query] = []
        for query in queries.sorted(by: { $0.text < $1.text }) {
            if query.reference == nil, configuration.override(for: query.text)?.preresolved == true || !isOffline {
                open.append(query)
            } else if let reference = query.reference, let package {
                results[query] = Self.find(reference, in: package)
            } else if isOffline {
                results[query] = .failure(
                    Failure("it is in none of the locks and image maps, and no registry is asked")
                )
            } else {
                open.append(query)
            }
        }
        guard !open.isEmpty else { return results }
        let answers = try await context.withRegistries { registry in
            let resolver = ImageResolver(
                configuration: configuration,
                registry: registry,
                platform: options.platform,
                build: nil
            )
            progress?.enter(.resolve, items: open.count)
            return try await open.concurrentMap(atMost: 64) { query in
                let item = progress?.begin(query.text)
                defer { item?.finish() }
                return (query, try await Self.answer(query, from: resolver))
            }
        }
        for (query, answer) in answers { results[query] = answer }
        return results
    }

    private static func answer(
        _ query: Query,
        from resolver: ImageResolver
    ) async throws -> Result<DigestReference, Failure> {
        do {
            let images = try await resolver.resolve([query.text], atMost: 1)
            guard let image = images[query.text] else { return .failure(Failure("it came to nothing")) }
            return .success(try DigestReference(image.url))
        } catch {
            if error is CancellationError { throw error }
            return .failure(Failure(error))
        }
    }

    /// The image of a tag in a package that records its tags.
    private static func find(_ reference: ImageReference, in package: AnyPackage) -> Result<DigestReference, Failure> {
        if let digest = package.names[reference] ?? package.metadata.recordedTags[reference] {
            return .success(DigestReference(repository: reference.repository, digest: digest))
        }
        let isThere = package.trees.contains { $0.reference.repository == reference.repository }
        return .failure(
            isThere
                ? Failure(
                    "'\(package.path)' has images of its repository, and doesn't record its tag\(hint: .tags, after: "; ")"
                )
                : Failure("'\(package.path)' doesn't have it")
        )
    }

    /// Whether all items have a digest, and their repositories still have that.
    private func areThere(_ items: [Item]) async throws -> Bool {
        let pinned = items.compactMap { item -> DigestReference? in
            guard let digest = item.reference.parsed?.digest, let repository = item.reference.repository else {
                return nil
            }
            return DigestReference(repository: repository, digest: digest)
        }
        guard !items.isEmpty, pinned.count == items.count else { return false }
        return try await context.withRegistries { registry in
            for reference in Set(pinned).sorted() {
                do {
                    _ = try await registry.repository(reference.repository).manifest(reference.digest)
                } catch {
                    if error is CancellationError { throw error }
                    return false
                }
            }
            return true
        }
    }
}

extension Optional where Wrapped: Sendable {
    /// What `body` makes of the value, where there is one.
    fileprivate func asyncMap<Value>(_ body: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await body(self)
    }
}
