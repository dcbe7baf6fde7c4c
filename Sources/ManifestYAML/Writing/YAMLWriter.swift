/// Writes YAML in the style of Go's yaml.v2: block style, sorted keys, lists not indented in maps, folding at 80 columns.
public enum YAMLWriter {
    /// The text of one value; it ends in a line break and has no `---`.
    public static func text(of value: YAMLValue) -> String {
        var emitter = BlockEmitter()
        emitter.emit(value)
        return emitter.text
    }

    /// The texts of all values, each after `---`.
    public static func text(ofDocuments values: [YAMLValue]) -> String {
        values.map { "---\n" + text(of: $0) }.joined()
    }
}
