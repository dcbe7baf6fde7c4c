import KubernetesYAML

/// A template in the place of a document.
struct TemplateError: Error, Sendable, CustomStringConvertible {
    /// What the YAML reader says of it.
    let cause: YAMLError

    var description: String {
        "\(cause); '{{' begins a template's action: render the template first, as 'helm template' does"
    }
}
