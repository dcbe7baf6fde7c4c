import ArgumentParser
import ContainerImage

/// The registry that an argument names.
enum RegistryArgument {
    /// Parses `text`; `docker.io` is Docker Hub's index.
    ///
    /// - Throws: `ValidationError` that says what is missing or too much.
    static func host(_ text: String) throws -> RegistryHost {
        let name = text.hasSuffix("/") ? text.dropLast() : text[...]
        guard !name.contains("/"), let host = try? RegistryHost(name) else {
            throw ValidationError("'\(text)' is not a registry: give its host alone, such as registry.example.com:5000")
        }
        return host
    }
}
