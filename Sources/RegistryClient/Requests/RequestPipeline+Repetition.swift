import ContainerImage
import NIOHTTP1

/// When a request is sent again, and when nobody waits for a registry any more.
extension RequestPipeline {
    /// Runs a step of which `request` is sent, as the policy has it. A registry that refuses it to the end isn't waited for
    /// by others.
    func repeated<Value: Sendable>(
        _ request: RegistryRequest,
        _ policy: RetryPolicy? = nil,
        _ step: () async throws -> Value
    ) async throws -> Value {
        let (policy, isHead) = (policy ?? options.retries, request.method == .HEAD)
        let limit = await sessions.session(for: request.repository.registry).limit
        let answers = limit.answers
        do {
            return try await policy.run(while: { RetryPolicy.isTransient($0) && !limit.isGivingUp(head: isHead) }) {
                _ in
                try await step()
            }
        } catch {
            // One that is sent once may be the last resort.
            if let refusal = error as? RegistryError, refusal.isTooManyRequests,
                policy.attempts > 1 || limit.isGivingUp(head: true)
            {
                Self.giveUp(limit, after: refusal, to: request, since: answers)
            }
            throw error
        }
    }

    static func giveUp(
        _ limit: RequestLimit,
        after refusal: RegistryError,
        to request: RegistryRequest,
        since answers: Int? = nil
    ) {
        limit.giveUp(
            after: refusal,
            retryAfterSeconds: refusal.retryAfterSeconds,
            since: answers ?? limit.answers,
            head: request.method == .HEAD
        )
    }
}
