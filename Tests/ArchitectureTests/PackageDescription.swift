/// What `Package.swift` says of targets.
struct PackageDescription {
    struct Target {
        let name: String
        let isTest: Bool
        /// The modules that it may import: other targets, and products of other packages.
        let dependencies: Set<String>
        /// Its folder.
        let path: String
    }

    let targets: [Target]

    var names: Set<String> { Set(targets.map(\.name)) }

    init() throws {
        let text = try Project.text(of: "Package.swift")
        let constant = /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/
        let products = Dictionary(
            text.matches(of: constant).map { (String($0.1), String($0.2)) },
            uniquingKeysWith: { $1 }
        )
        targets = text.matches(of: /\.(target|executableTarget|testTarget)\(\s*name: "(\w+)"/).map { match in
            let body = Self.balanced(text[match.range.lowerBound...], "(", ")")
            let list = body.firstRange(of: "dependencies: ").map { Self.balanced(body[$0.upperBound...], "[", "]") }
            let isTest = match.1 == "testTarget"
            let path = body.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
            return Target(
                name: String(match.2),
                isTest: isTest || path?.hasPrefix("Tests/") == true,
                dependencies: Self.modules(in: list ?? "", products),
                path: path ?? "\(isTest ? "Tests" : "Sources")/\(match.2)"
            )
        }
    }

    /// Names in quotes are modules, bare ones stand for products.
    private static func modules(in list: Substring, _ products: [String: String]) -> Set<String> {
        let inner = list.replacing(/\.product\(name: ("\w+"), package: "[^"]+"\)/) { $0.1 }
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
