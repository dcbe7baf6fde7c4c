import ContainerImage
import ImageStore
import KbldConfiguration

/// What a document wants.
extension MirrorPlanner {
    /// What an entry names now; what fails is in there.
    func expand(_ entry: MirrorDocument.Entry) async throws -> Expansion {
        var expansion = Expansion()
        var subject = ""
        do {
            switch entry.content {
            case .image(let reference):
                subject = "\(reference)"
                try expansion.items.append(item(reference, entry, isListed: false))
            case .documents(let files):
                subject = files.joined(separator: ", ")
                for reference in try await references(files) {
                    try expansion.items.append(item(reference, entry, isListed: false))
                }
            case .repository(let repository, let selection):
                subject = "\(repository)"
                if let names = selection.names {
                    for tag in names { try expansion.items.append(item(.tag(repository, tag), entry, isListed: false)) }
                    break
                }
                let listed = try await tags(of: repository)
                if TagSelection().candidates(among: listed).isEmpty, !gone.contains(repository) {
                    let surprise = MirrorPlan.Failure(subject: subject, error: EmptySourceError(), entry: entry.value)
                    expansion.surprises.append(surprise)
                }
                let candidates = selection.candidates(among: listed)
                var tags = candidates
                if let newest = selection.newest(of: candidates) {
                    tags = newest
                } else {
                    expansion.notes.append(
                        "\(repository): not all of the \(candidates.count) tags are versions, so the newest are found by "
                            + "the images' dates, at two requests or more for each"
                    )
                    let count = selection.newest ?? candidates.count
                    let found = try await newest(of: candidates, in: repository, count: count)
                    (tags, expansion.dates) = (found.tags, found.dates)
                    expansion.notes += found.gone.map(Self.note(onDeleted:))
                    expansion.failures += found.failures.map { MirrorPlan.Failure(of: .tag(repository, $0), $1) }
                }
                if tags.isEmpty { expansion.notes.append("\(repository): no tag is selected") }
                for tag in tags { try expansion.items.append(item(.tag(repository, tag), entry, isListed: true)) }
            }
        } catch {
            if error is CancellationError { throw error }
            return Expansion(failures: [MirrorPlan.Failure(subject: subject, error: error, entry: entry.value)])
        }
        return expansion
    }

    private func tags(of repository: Repository) async throws -> [String] {
        do {
            return try await registry.repository(repository).tags()
        } catch let error as any StoreError where gone.contains(repository) && error.mayMeanAbsence {
            return []
        }
    }

    private func item(
        _ reference: ImageReference,
        _ entry: MirrorDocument.Entry,
        isListed: Bool
    ) throws(ReferenceError) -> Item {
        var tag: Tag?
        if case .tag(_, let name) = reference { tag = name }
        return Item(
            source: reference,
            repository: try document.destination(of: reference.repository),
            tag: tag,
            isImmutable: tag.map { tag in entry.immutable.contains { $0.matches(tag.name) } } ?? false,
            isListed: isListed
        )
    }

    /// The tags whose images were made last, of those that can be asked for.
    private func newest(
        of tags: [Tag],
        in repository: Repository,
        count: Int
    ) async throws -> (tags: [Tag], dates: [Digest: Int64], failures: [(Tag, any Error)], gone: [String]) {
        let store = registry.repository(repository)
        let results = try await tags.concurrentMap(atMost: limit) { tag -> Result<(Digest, Int64), any Error> in
            do {
                let digest = try await store.resolve(tag).digest
                if let date = known?.date(of: digest) { return .success((digest, date)) }
                return .success((digest, try await ImageDate(of: digest, in: store).seconds))
            } catch {
                if error is CancellationError { throw error }
                return .failure(error)
            }
        }
        var dates: [(tag: Tag, digest: Digest, seconds: Int64)] = []
        var failures: [(tag: Tag, error: any Error)] = []
        for (tag, result) in zip(tags, results) {
            switch result {
            case .success(let date): dates.append((tag, date.0, date.1))
            case .failure(let error): failures.append((tag, error))
            }
        }
        let gone = try await deleted(of: failures.map { (.tag(repository, $0.tag), $0.error) })
        failures.removeAll { gone.contains("\(ImageReference.tag(repository, $0.tag))") }
        let newest = dates.sorted { ($1.seconds, $1.tag.name) < ($0.seconds, $0.tag.name) }.prefix(count)
        let read = Dictionary(dates.map { ($0.digest, $0.seconds) }) { $1 }
        return (newest.map(\.tag), read, failures.map { ($0.tag, $0.error) }, gone.sorted())
    }

    // MARK: Tags that were deleted meanwhile

    /// Those of the items that were listed, and aren't any more.
    func deleted(of missing: [(item: Item, error: any Error)]) async throws -> Set<String> {
        try await deleted(of: missing.filter(\.item.isListed).map { ($0.item.source, $0.error) })
    }

    /// Those of the references that were listed, and aren't any more.
    private func deleted(of missing: [(source: ImageReference, error: any Error)]) async throws -> Set<String> {
        let absent = missing.filter { ($0.error as? any StoreError)?.meansAbsence == true }.map(\.source)
        let groups = Dictionary(grouping: absent, by: \.repository)
        let lists = try await groups.keys.sorted().concurrentMap(atMost: limit) { repository -> [ImageReference] in
            do {
                let listed = Set(try await registry.repository(repository).tags())
                return (groups[repository] ?? []).filter { !listed.contains($0.identifier) }
            } catch let error as any StoreError where error.mayMeanAbsence {
                return []
            }
        }
        return Set(lists.joined().map(\.description))
    }

    static func note(onDeleted name: String) -> String { "\(name) was deleted meanwhile and isn't mirrored" }
}
