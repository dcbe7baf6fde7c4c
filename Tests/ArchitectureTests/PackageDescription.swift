/// What `Package.swift` says of targets.
struct PackageDescription {
    struct Target {
        let name: String
        let isTest: Bool
        /// Whether it shows how the libraries are used.
        let isExample: Bool
        /// Whether it sees what is declared for the package alone.
        let hasPackageAccess: Bool
        /// The modules that it may import: other targets, and products of other packages.
        let dependencies: Set<String>
        /// Its folder.
        let path: String
    }

    let targets: [Target]

    /// The targets of the libraries that others may use.
    let libraries: Set<String>

    /// Those of the libraries and of the program.
    var parts: [Target] { targets.filter { !$0.isTest && !$0.isExample } }

    var names: Set<String> { Set(targets.map(\.name)) }

    init() throws {
        let text = try Project.text(of: "Package.swift")
        let constant = /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/
        let products = Dictionary(
            text.matches(of: constant).map { (String($0.1), String($0.2)) },
            uniquingKeysWith: { $1 }
        )
        let declaration = /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name: "(\w+)"(?!, condition)/
        libraries = Set(
            text.matches(of: /\.library\(name: "\w+", targets: \[([^\]]*)\]/).flatMap { match in
                match.1.matches(of: /\w+/).map { String($0.0) }
            }
        )
        targets = text.matches(of: declaration).map { match in
            let body = Self.balanced(text[match.range.lowerBound...], "(", ")")
            let list = body.firstRange(of: "dependencies: ").map { Self.balanced(body[$0.upperBound...], "[", "]") }
            let isTest = match.1 == "testTarget"
            let path = body.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
            return Target(
                name: String(match.2),
                isTest: isTest || path?.hasPrefix("Tests/") == true,
                isExample: path?.hasPrefix("Examples/") == true,
                hasPackageAccess: !body.contains("packageAccess: false"),
                dependencies: Self.modules(in: list ?? "", products),
                path: path ?? "\(isTest ? "Tests" : "Sources")/\(match.2)"
            )
        }
    }

    /// Names in quotes are modules, bare ones stand for products.
    private static func modules(in list: Substring, _ products: [String: String]) -> Set<String> {
        let inner = list.replacing(/\.product\(name: ("\w+"), package: "[^"]+"\)/) { $0.1 }
            .replacing(/\.target\(name: ("\w+"), condition: \.when\([^)]*\)\)/) { $0.1 }
        return Set(
            inner.split { ", \n[]".contains($0) }.compactMap { word in
                word.hasPrefix("\"") ? String(word.dropFirst().dropLast()) : products[String(word)]
            }
        )
    }

    /// From the first `open` to the `close` that belongs to it.
    private static func balanced(_ text: Substring, _ open: Character, _ close: Character) -> Substring {
        guard let start = text.firstIndex(of: open) else { return "" }
        var depth = 0
        for index in text[start...].indices {
            if text[index] == open { depth += 1 }
            if text[index] == close { depth -= 1 }
            if depth == 0 { return text[start...index] }
        }
        return text[start...]
    }
}
