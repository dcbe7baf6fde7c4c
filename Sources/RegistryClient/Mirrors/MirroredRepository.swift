public import ContainerImage
import MirrorRouting
import NIOCore

/// A repository that is read by way of mirrors, where it has some, and written itself.
public struct MirroredRepository: Sendable {
    let own: RemoteRepository
    let mirrors: MirroredRegistry?

    /// The repository's name, whatever mirror has it.
    public var repository: Repository { own.repository }
    /// `host/path`.
    public var name: String { own.name }

    /// Where something was read.
    struct Reading<Value> {
        let value: Value
        /// nil for the registry itself.
        let mirror: Repository?
    }

    /// Nothing is left to be asked.
    private struct NoFurtherPlaceError: Error {}

    /// Reads from the first place that gives an answer of use.
    ///
    /// - Parameters:
    ///   - isByTag: Whether a tag is asked for.
    ///   - blob: The blob that is asked for: those who gave other bytes aren't asked for it again.
    ///   - start: How many places were asked before.
    ///   - isAnswer: Whether an answer is of use; that of the last place is.
    /// - Throws: What the last place says; any error where there is none behind `start`.
    func read<Value>(
        byTag isByTag: Bool = false,
        of blob: Digest? = nil,
        from start: Int = 0,
        where isAnswer: (Value) -> Bool = { _ in true },
        _ body: (RemoteRepository, _ place: Int) async throws -> Value
    ) async throws -> Reading<Value> {
        guard let mirrors, let places = try mirrors.rules.places(of: repository, byTag: isByTag), !places.isEmpty else {
            return Reading(value: try await body(own, 0), mirror: nil)
        }
        for (number, place) in places.enumerated().dropFirst(start) {
            let isLast = number == places.count - 1
            let host = place.repository.registry
            guard isLast || mirrors.health.isUp(host) else { continue }
            if !isLast, let blob, mirrors.givers.isPassedOver(number, for: blob, of: repository) { continue }
            var remote = mirrors.remote(place, of: repository)
            if !isLast { remote.pipeline = remote.pipeline.withoutRetries }
            do {
                let value = try await body(remote, number)
                mirrors.health.answered(host)
                guard isLast || isAnswer(value) else { continue }
                let isMirror = place.repository != repository || place.endpoint != nil
                return Reading(value: value, mirror: isMirror ? place.repository : nil)
            } catch {
                guard !isLast, !(error is CancellationError), !Task.isCancelled, !(error is CredentialError) else {
                    throw error
                }
                note(error, of: host, in: mirrors)
            }
        }
        throw NoFurtherPlaceError()
    }

    func note(_ error: any Error, of host: RegistryHost, in mirrors: MirroredRegistry) {
        let refusal = error as? RegistryError
        // That a mirror hasn't got something is what the next one is for.
        if refusal?.status != 404, mirrors.health.isNews("refusal", of: host) {
            mirrors.log("mirror \(host) is passed over: \(HintedText(describing: error))")
        }
        if let seconds = refusal?.retryAfterSeconds { mirrors.health.pause(host, seconds: seconds) }
        guard case .transport? = refusal?.reason else { return mirrors.health.answered(host) }
        if mirrors.health.failed(host) { mirrors.log("mirror \(host) can't be reached and isn't asked any more") }
    }

    /// Notes that a place gave only a part of a blob.
    func noteBreak(_ error: any Error, at place: Int) {
        guard let mirrors, let places = try? mirrors.rules.places(of: repository, byTag: false),
            places.indices.contains(place), places[place].endpoint != nil
        else { return }
        let host = places[place].repository.registry
        if mirrors.health.isNews("break", of: host) {
            mirrors.log("mirror \(host) broke off in a layer: \(HintedText(describing: error))")
        }
        if mirrors.health.brokeOff(host) { mirrors.log("mirror \(host) breaks off and isn't asked any more") }
    }

    func tell(_ mirror: Repository?, of tag: Tag) {
        guard let mirror, let mirrors, mirror.registry != repository.registry else { return }
        mirrors.log("mirror \(mirror.registry) gave \(repository):\(tag)")
    }
}
