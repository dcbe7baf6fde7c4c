/// Lets so many callers do something at once; the others wait for their turn, in the order in which they came.
package actor ConcurrencyLimit {
    private var free: Int
    private var waiting: [(caller: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    private var count = 0

    /// At most `limit` callers at once.
    package init(_ limit: Int) { free = limit }

    /// What `body` gives, once it is its turn.
    ///
    /// - Throws: What `body` throws; `CancellationError` when the caller is cancelled while it waits.
    package func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        try Task.checkCancellation()
        guard free == 0 else {
            free -= 1
            return
        }
        count += 1
        let caller = count
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiting.append((caller, $0)) }
        } onCancel: {
            Task { await giveUp(caller) }
        }
    }

    private func giveUp(_ caller: Int) {
        guard let position = waiting.firstIndex(where: { $0.caller == caller }) else { return }
        waiting.remove(at: position).continuation.resume(throwing: CancellationError())
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().continuation.resume() }
    }
}
