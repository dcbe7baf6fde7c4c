import Testing

@Suite("Imports")
struct ImportTests {
    /// Each target imports those of the lines above its own alone.
    private static let levels: [Set<String>] = [
        ["CLibCrypt", "CLibSodium", "CLibTOML", "CLibYAML", "CLibZ", "CLibZstd", "LibC"],
        ["CProcessStart", "Compression", "ContainerImage", "HTTPTransport", "KubernetesYAML", "LocalFiles"],
        ["ClusterConfiguration", "ImageStore", "KbldConfiguration", "MirrorRouting", "Signatures"],
        [
            "DocumentInput", "ImageBuild", "ImageTransfer", "Packages", "Presentation", "RegistryClient", "Resolution",
        ],
        ["CommandLineSyntax", "ImageFiles", "PackageReport", "ReferenceChecks", "RegistryServer", "SourceReferences"],
        ["RegistryMirroring"],
        ["KbldWorkflows"],
        ["kbld"],
    ]

    /// What comes with Swift and the system.
    private static let system: Set<String> = [
        "Darwin", "Dispatch", "FoundationEssentials", "Glibc", "Musl", "Synchronization", "Testing",
    ]

    /// Products that have modules of other names as well.
    private static let products = ["CYaml": "Yams"]

    /// What the files of a target import, with the first place of each.
    private static func imports(of target: PackageDescription.Target) throws -> [String: String] {
        let statement = /^ {0,4}(@\w+ )*(public |package |internal )?import ((struct|enum|class|protocol|func) )?(\w+)/
        var found: [String: String] = [:]
        for file in try Project.files(in: target.path) {
            for (number, line) in file.lines.enumerated() {
                guard let match = line.firstMatch(of: statement) else { continue }
                let module = products[String(match.5)] ?? String(match.5)
                if found[module] == nil { found[module] = "\(file.path):\(number + 1)" }
            }
        }
        return found
    }

    @Test("Arrows between targets point one way")
    func levels() throws {
        let package = try PackageDescription()
        #expect(package.targets.count > 20)
        let levels = Dictionary(
            Self.levels.enumerated().flatMap { level, names in names.map { ($0, level) } },
            uniquingKeysWith: { $1 }
        )
        for target in package.parts {
            let level = try #require(levels[target.name], "\(target.name) has no level here")
            for (module, place) in try Self.imports(of: target) where package.names.contains(module) {
                let other = try #require(levels[module], "\(place): \(module) has no level here")
                #expect(other < level, "\(place): \(target.name) must not import \(module)")
            }
        }
    }

    @Test("Libraries are whole, and examples use them as others do")
    func libraries() throws {
        let package = try PackageDescription()
        #expect(package.libraries.isSuperset(of: ["ContainerImage", "RegistryClient", "RegistryServer"]))
        #expect(package.libraries.isSubset(of: package.names))
        let examples = package.targets.filter(\.isExample)
        #expect(!examples.isEmpty)
        for example in examples {
            #expect(!example.hasPackageAccess, "\(example.name) sees more than others do")
            #expect(
                package.libraries.isSuperset(of: example.dependencies.intersection(package.names)),
                "\(example.name)"
            )
        }
        // What a library's declarations name can be imported by whoever uses it.
        for library in package.targets where package.libraries.contains(library.name) {
            for file in try Project.files(in: library.path) {
                for line in file.lines where line.hasPrefix("public import ") {
                    let module = String(line.dropFirst("public import ".count))
                    #expect(
                        !package.names.contains(module) || package.libraries.contains(module),
                        "\(file.path): \(module) is in no library"
                    )
                }
            }
        }
    }

    @Test("Package.swift declares what is imported, and nothing else")
    func declarations() throws {
        for target in try PackageDescription().targets {
            let imports = try Self.imports(of: target)
            for (module, place) in imports where !Self.system.contains(module) {
                #expect(
                    target.dependencies.contains(module),
                    "\(place): Package.swift has no dependency of \(target.name) on \(module)"
                )
            }
            for module in target.dependencies {
                #expect(imports[module] != nil, "Package.swift: \(target.name) doesn't import \(module)")
            }
        }
    }
}
