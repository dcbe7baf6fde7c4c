import ContainerImage
import NIOHTTP1
import Synchronization

/// Warnings of registries, each of which is shown once (OCI distribution specification, "Warnings").
package final class RegistryWarnings: Sendable {
    private let show: (@Sendable (String) -> Void)?
    private let shown = Mutex<Set<String>>([])

    /// How many are shown of all registries: nobody reads more.
    private static let most = 20

    init(_ show: (@Sendable (String) -> Void)?) { self.show = show }

    /// Shows the warnings in an answer that are new.
    func take(_ headers: HTTPHeaders, of host: RegistryHost, without secrets: Secrets) {
        guard let show, headers.contains(name: "warning") else { return }
        for text in headers["warning"].flatMap(Self.texts) {
            let line = "\(host): \(secrets.redacted(text))"
            if shown.withLock({ $0.count < Self.most && $0.insert(line).inserted }) { show(line) }
        }
    }

    /// The texts of `299 - "text"`: other codes are about caches (RFC 7234, section 5.5).
    package static func texts(in header: String) -> [String] {
        var texts: [String] = []
        var rest = header[...]
        while let start = rest.firstRange(of: "299 - \"") {
            rest = rest[start.upperBound...]
            var text = ""
            while let character = rest.popFirst() {
                if character == "\"" {
                    texts.append(text)
                    break
                }
                if character == "\\", let escaped = rest.popFirst() {
                    text.append(escaped)
                } else {
                    text.append(character)
                }
            }
        }
        return texts
    }
}
