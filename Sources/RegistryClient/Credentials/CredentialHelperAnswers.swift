import ImageStore

/// What credential helpers answered: each is asked once for each name, a few at once.
///
/// What failed, or was given up, is asked for again when it is wanted again.
actor CredentialHelperAnswers {
    private struct Question: Hashable {
        var program: String
        var server: String
    }

    /// How many helpers run at once: some ask a key store that minds many at once.
    private static let width = 4

    private var answers: [Question: Credential?] = [:]
    private var failed: Set<Question> = []
    private let asking = SharedWork<Question, Credential?>()
    private let limit = ConcurrencyLimit(width)

    /// What `helper` has for `server`; nil when it has nothing.
    ///
    /// - Throws: `CredentialError.helper`.
    func credential(of helper: CredentialHelper, for server: String) async throws -> Credential? {
        let question = Question(program: helper.program, server: server)
        if let known = answers[question] { return known }
        let limit = limit
        let answer = try await asking.value(for: question) {
            try await limit.run { try await helper.credential(for: server) }
        }
        answers.updateValue(answer, forKey: question)
        return answer
    }

    /// Whether `helper` has something for `server`; false when it fails, which is not tried again here.
    func hasCredential(of helper: CredentialHelper, for server: String) async -> Bool {
        let question = Question(program: helper.program, server: server)
        guard !failed.contains(question) else { return false }
        do {
            return try await credential(of: helper, for: server) != nil
        } catch {
            if !(error is CancellationError) { failed.insert(question) }
            return false
        }
    }
}
