import ImageStore

/// When and how often what failed is tried again. This is the only place that decides so.
public struct RetryPolicy: Sendable {
    /// How many times a request is sent in all.
    public var attempts = 5
    /// The wait before the second attempt, in milliseconds; it doubles with each further one.
    public var firstDelayMilliseconds = 200
    /// The longest wait, in milliseconds.
    public var longestDelayMilliseconds = 10_000

    /// Five attempts within a few seconds.
    public init() {}

    /// One attempt: for steps that a larger step repeats as a whole.
    static let none = {
        var policy = RetryPolicy()
        policy.attempts = 1
        return policy
    }()

    /// Runs `step` until it succeeds, fails for good, or the attempts are used up.
    func run<Value: Sendable>(_ step: () async throws -> Value) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await step()
            } catch {
                guard attempt < attempts, !Task.isCancelled, Self.isTransient(error) else { throw error }
                try await pause(after: attempt, error)
                attempt += 1
            }
        }
    }

    /// Waits before the next attempt: what the registry asks for, else exponentially longer with jitter.
    func pause(after attempt: Int, _ error: any Error) async throws {
        if let error = error as? RegistryError, let seconds = error.retryAfterSeconds {
            try await Task.sleep(for: .seconds(min(seconds, 60)))
            return
        }
        let delay = min(firstDelayMilliseconds << min(attempt - 1, 16), longestDelayMilliseconds)
        try await Task.sleep(for: .milliseconds(Int.random(in: (delay / 2)...max(delay, 1))))
    }

    /// Whether the same request may well succeed later: connection errors, time-outs, 408, 429 and 5xx.
    static func isTransient(_ error: any Error) -> Bool {
        switch error {
        case let error as RegistryError: error.isTransient
        case is CancellationError, is any ContentError: false
        default: !TransportFailure.isCertificateFailure(error)
        }
    }
}
