import KbldConfiguration
import KubernetesYAML

/// Reads the documents of one file as the program does.
func extract(_ text: String) throws -> (configuration: Configuration, resources: [YAMLDocument]) {
    let documents = try YAMLReader.documents(in: Array(text.utf8), file: "conf.yml")
    return try Configuration.extract(from: documents, version: SemanticVersion("0.43.0"))
}

/// Reads one `Config` document with these sections.
func config(_ sections: String) throws -> Configuration {
    try extract("apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n" + sections).configuration
}

/// The message with which one `Config` document with these sections is refused; nil where it is read.
func refusal(of sections: String) throws -> ConfigurationError? {
    do {
        _ = try config(sections)
        return nil
    } catch let error as ConfigurationError {
        return error
    }
}
