import Synchronization

/// How many connections there are.
final class ConnectionCrowd: Sendable {
    private let count = Atomic(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func enter() { count.add(1, ordering: .relaxed) }
    func leave() { count.subtract(1, ordering: .relaxed) }

    /// Whether most of the room is taken, so that new ones may soon have to wait.
    var isDense: Bool { count.load(ordering: .relaxed) >= limit - limit / 4 }
}
