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
                    (tags, expansion.dates) = try await newest(of: candidates, in: repository, count: count)
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

    /// The tags whose images were made last.
    private func newest(
        of tags: [Tag],
        in repository: Repository,
        count: Int
    ) async throws -> (tags: [Tag], dates: [Digest: Int64]) {
        let store = registry.repository(repository)
        let dates = try await tags.concurrentMap(atMost: limit) { tag in
            let digest = try await store.resolve(tag).digest
            if let date = known?.date(of: digest) { return (digest, date) }
            return (digest, try await ImageDate(of: digest, in: store).seconds)
        }
        let newest = zip(tags, dates).sorted { ($1.1.1, $1.0.name) < ($0.1.1, $0.0.name) }.prefix(count).map(\.0)
        return (newest, Dictionary(dates) { $1 })
    }
}
