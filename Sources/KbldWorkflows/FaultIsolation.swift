import ContainerImage
import ImageStore
import ImageTransfer

/// Does work for many at once, and, where that fails, for ever fewer of them: those that fail alone are to blame, and keep
/// none of the others back.
///
/// A store that can't be reached fails for each: two that fail for that, one after the other, stand for all of their place.
struct FaultIsolation<Unit: Sendable>: Sendable {
    /// One that failed.
    struct Failure: Sendable {
        var unit: Unit
        var error: any Error
        /// Whether it was tried; its place was given up else.
        var isTried: Bool
    }

    private struct Step {
        var units: [Unit]
        /// Comes next, to confirm that the place of the only unit can't be reached.
        var witness: Unit?
        /// Whether another of the place has just failed because that can't be reached.
        var confirms = false
    }

    /// The registry that a unit needs to be reached.
    private let place: @Sendable (Unit) -> RegistryHost
    private var outages: [RegistryHost: any Error] = [:]

    /// Creates isolation of units that need a registry each.
    init(by place: @escaping @Sendable (Unit) -> RegistryHost) { self.place = place }

    /// Does `work` for all of `units`.
    ///
    /// - Returns: Those that failed.
    /// - Throws: What `work` throws that `isFinal`; `CancellationError`.
    mutating func run(
        _ units: [Unit],
        until isFinal: (any Error) -> Bool = { _ in false },
        _ work: ([Unit]) async throws -> Void
    ) async throws -> [Failure] {
        var failures: [Failure] = []
        var steps = [Step(units: units)]
        while let step = steps.popLast() {
            let reachable = step.units.filter { unit in
                guard let error = outages[place(unit)] else { return true }
                failures.append(Failure(unit: unit, error: error, isTried: false))
                return false
            }
            var isOutage = false
            do {
                if !reachable.isEmpty { try await work(reachable) }
            } catch {
                if error is CancellationError || Task.isCancelled || isFinal(error) { throw error }
                isOutage = Self.isOutage(error)
                if reachable.count > 1 {
                    steps += parts(of: reachable, probing: isOutage)
                } else {
                    failures += reachable.map { Failure(unit: $0, error: error, isTried: true) }
                    if isOutage, step.confirms, let unit = reachable.first { outages[place(unit)] = error }
                }
            }
            if let witness = step.witness { steps.append(Step(units: [witness], confirms: isOutage)) }
        }
        return failures
    }

    /// The halves of `units`, the first one last; with a place that may not be reached, one of its units comes before them.
    private func parts(of units: [Unit], probing: Bool) -> [Step] {
        var rest = units[...]
        var probe: Step?
        if probing, let first = rest.popFirst() {
            probe = Step(units: [first])
            if let other = rest.lastIndex(where: { place($0) == place(first) }) {
                probe?.witness = rest.remove(at: other)
            }
        }
        let half = rest.count / 2
        let parts = [rest.dropFirst(half), rest.prefix(half)].filter { !$0.isEmpty }.map { Step(units: Array($0)) }
        return parts + (probe.map { [$0] } ?? [])
    }

    private static func isOutage(_ error: any Error) -> Bool {
        switch error {
        case let error as RelocationError: isOutage(error.cause)
        case ImageTreeError.unreadable(_, let cause): isOutage(cause)
        default: (error as? any PassingError)?.isOutage == true
        }
    }
}
