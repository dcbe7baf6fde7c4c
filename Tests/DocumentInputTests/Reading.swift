import DocumentInput
import HTTPTransport
import KbldConfiguration
import KubernetesYAML

/// Reads inputs as the program does.
func read(
    _ names: [String],
    proxies: ProxySettings = ProxySettings(),
    idleTimeoutSeconds: Int64 = 30,
    report: (@Sendable (FetchRecord) -> Void)? = nil
) async throws -> InputDocuments {
    try await InputDocuments.read(
        names,
        version: SemanticVersion("0.43.0"),
        proxies: proxies,
        userAgent: "test/1",
        idleTimeoutSeconds: idleTimeoutSeconds,
        report: report
    )
}

extension InputDocuments {
    /// The documents that are to be printed, each as JSON.
    var texts: [String] { resources.map { JSONWriter.compactText(of: $0.value) } }
}
