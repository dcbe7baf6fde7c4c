/// What credential helpers answered: each is asked once for each name.
actor CredentialHelperAnswers {
    private struct Question: Hashable {
        var program: String
        var server: String
    }

    private var answers: [Question: Task<Credential?, any Error>] = [:]

    /// What `helper` has for `server`; nil when it has nothing.
    func credential(of helper: CredentialHelper, for server: String) async throws -> Credential? {
        let question = Question(program: helper.program, server: server)
        let task = answers[question] ?? Task { try await helper.credential(for: server) }
        answers[question] = task
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
