/// Writes YAML in the style of Go's yaml.v2: block style, sorted keys, lists not indented in maps, folding at 80 columns.
public enum YAMLWriter {
    /// The text of one value; it ends in a line break and has no `---`.
    public static func text(of value: YAMLValue) -> String {
        var emitter = BlockEmitter()
        emitter.emit(value)
        return emitter.text
    }

    /// The texts of all values, each after `---`.
    public static func text(ofDocuments values: some Sequence<YAMLValue>) -> String {
        var emitter = BlockEmitter()
        for value in values {
            emitter.bytes += "---\n".utf8
            emitter.emit(value)
        }
        return emitter.text
    }
}
