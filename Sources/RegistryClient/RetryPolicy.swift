import HTTPTransport
import ImageStore

/// When and how often what failed is tried again. This is the only place that decides so.
public struct RetryPolicy: Sendable {
    /// How many times a request is sent in all.
    public var attempts = 5
    /// The wait before the second attempt, in milliseconds; it doubles with each further one.
    public var firstDelayMilliseconds = 200
    /// The longest wait, in milliseconds.
    public var longestDelayMilliseconds = 10_000
    /// The longest wait that a registry may ask for, in seconds; a longer one is reported as an error.
    public var longestRetryAfterSeconds = 120

    /// Creates the default policy: five attempts within a few seconds.
    public init() {}

    /// One attempt: for steps that a larger step repeats as a whole.
    static let none = {
        var policy = RetryPolicy()
        policy.attempts = 1
        return policy
    }()

    /// Runs `step` until it succeeds, fails for good, or the attempts are used up.
    ///
    /// - Parameters:
    ///   - isTransient: Whether the same step may well succeed later.
    ///   - step: Receives the number of the attempt, from 1 on.
    func run<Value: Sendable>(
        while isTransient: (any Error) -> Bool = Self.isTransient,
        _ step: (_ attempt: Int) async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await step(attempt)
            } catch {
                guard isTransient(error) else { throw error }
                try await pause(after: attempt, error)
                attempt += 1
            }
        }
    }

    /// Waits before the next attempt: what the registry asks for, else exponentially longer with jitter.
    ///
    /// - Throws: `error` when there is to be no other attempt.
    func pause(after attempt: Int, _ error: any Error) async throws {
        guard attempt < attempts, !Task.isCancelled else { throw error }
        // Those that were refused at once shouldn't come back at once.
        let jitter = Duration.milliseconds(Int.random(in: 0...(firstDelayMilliseconds / 2)))
        if let seconds = (error as? RegistryError)?.retryAfterSeconds {
            guard seconds <= longestRetryAfterSeconds else { throw error }
            return try await Task.sleep(for: .seconds(max(seconds, 0)) + jitter)
        }
        let delay = min(firstDelayMilliseconds << min(attempt - 1, 16), longestDelayMilliseconds)
        try await Task.sleep(for: .milliseconds(delay / 2) + .milliseconds(Int.random(in: 0...(delay / 2))))
    }

    /// Whether the same request may well succeed later: connection errors, time-outs, 408, 429 and 5xx. What is wrong on
    /// this side, and what is unknown, isn't.
    static func isTransient(_ error: any Error) -> Bool {
        switch error {
        case let error as RegistryError: error.isTransient
        case is CancellationError, is any ContentError: false
        default: TransportFailure.isTransient(error)
        }
    }
}
