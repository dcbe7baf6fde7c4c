/// A line of a file with sums, as `sha256sum` writes and checks it.
public enum ChecksumLine {
    /// The sum and the name; of a name with line breaks or backslashes these are written out, which a backslash before
    /// the sum tells.
    public static func text(_ sum: String, _ name: String) -> String {
        let escaped = name.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
        return (escaped == name ? "" : "\\") + "\(sum)  \(escaped)\n"
    }
}
