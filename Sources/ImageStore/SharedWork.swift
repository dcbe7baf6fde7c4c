/// Work that several callers want is done once, and each of them gets its outcome.
///
/// A caller that is cancelled stops waiting; the work itself goes on for the others, and is cancelled when nobody waits
/// for it any more. Nothing is kept: who asks when the work is done starts it anew.
package actor SharedWork<Key: Hashable & Sendable, Value: Sendable> {
    private struct Entry {
        let number: Int
        var task: Task<Void, Never>?
        var waiting: [Int: CheckedContinuation<Value, any Error>] = [:]
    }

    private var entries: [Key: Entry] = [:]
    private var count = 0

    /// Creates a place where no work is under way.
    package init() {}

    /// What `work` gives, unless the same is under way already: then what that gives.
    ///
    /// - Throws: What the work throws; `CancellationError` when the caller is cancelled.
    package func value(for key: Key, by work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        count += 1
        let caller = count
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { continuation in
                join(key, as: caller, continuation, work)
            }
        } onCancel: {
            Task { await leave(key, caller) }
        }
    }

    /// How many callers wait for the outcome of the work for `key`.
    package func waiting(for key: Key) -> Int { entries[key]?.waiting.count ?? 0 }

    private func join(
        _ key: Key,
        as caller: Int,
        _ continuation: CheckedContinuation<Value, any Error>,
        _ work: @escaping @Sendable () async throws -> Value
    ) {
        if entries[key] != nil {
            entries[key]?.waiting[caller] = continuation
            return
        }
        var entry = Entry(number: caller)
        entry.waiting[caller] = continuation
        entry.task = Task {
            let outcome: Result<Value, any Error>
            do {
                outcome = .success(try await work())
            } catch {
                outcome = .failure(error)
            }
            finish(key, caller, outcome)
        }
        entries[key] = entry
    }

    private func finish(_ key: Key, _ number: Int, _ outcome: Result<Value, any Error>) {
        // What was given up has no entry any more, or another one.
        guard let entry = entries[key], entry.number == number else { return }
        entries[key] = nil
        for continuation in entry.waiting.values { continuation.resume(with: outcome) }
    }

    private func leave(_ key: Key, _ caller: Int) {
        guard let continuation = entries[key]?.waiting.removeValue(forKey: caller) else { return }
        if entries[key]?.waiting.isEmpty == true {
            entries[key]?.task?.cancel()
            entries[key] = nil
        }
        continuation.resume(throwing: CancellationError())
    }
}
