/// Lets flags be written as `--flag=false`, as programs in Go have them.
enum BooleanFlags {
    /// All flags that are on or off, without their dashes.
    static let names: Set<String> = [
        "build", "color", "images-annotation", "json", "origins-annotation", "quiet", "registry-insecure",
        "registry-verify-certs", "sort", "tty", "unresolved-inspect", "yes",
    ]

    private static let values: [String: Bool] = [
        "true": true, "t": true, "1": true, "TRUE": true, "True": true, "T": true,
        "false": false, "f": false, "0": false, "FALSE": false, "False": false, "F": false,
    ]

    /// The arguments with `--flag=true` as `--flag` and `--flag=false` as `--no-flag`.
    static func normalized(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].map { argument in
            guard argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") else { return argument }
            let name = argument[argument.index(argument.startIndex, offsetBy: 2)..<equals]
            let value = argument[argument.index(after: equals)...]
            guard names.contains(String(name)), let isOn = values[String(value)] else { return argument }
            return isOn ? "--\(name)" : "--no-\(name)"
        } + arguments[end...]
    }
}
