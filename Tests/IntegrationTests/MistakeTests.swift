import FoundationEssentials
import Testing

/// Mistakes that people make, and all that the program says of each: `Scripts/mistakes.txt`.
@Suite("Mistakes", .needs())
struct MistakeTests {
    /// A command line and what it leads to. Standard output must stay empty.
    private struct Mistake: Sendable {
        let line: Int
        let command: String
        var status: Int32 = 1
        var log = ""
    }

    /// The mistakes of the table: `$` begins a command, `=` a status other than 1, `#` a comment.
    private static func table(_ lab: Lab) throws -> [Mistake] {
        var mistakes: [Mistake] = []
        let text = String(decoding: try Data(contentsOf: URL(filePath: lab.script("mistakes.txt"))), as: UTF8.self)
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("$ ") {
                mistakes.append(Mistake(line: number + 1, command: String(line.dropFirst(2))))
            } else if line.hasPrefix("= ") {
                mistakes[mistakes.count - 1].status = Int32(line.dropFirst(2)) ?? 0
            } else if !line.isEmpty, !line.hasPrefix("#") {
                mistakes[mistakes.count - 1].log += line + "\n"
            }
        }
        return mistakes
    }

    /// What the commands meet.
    private static func prepare(_ lab: Lab) throws {
        let container = { (image: String) in
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: shop}
            spec: {template: {spec: {containers: [{image: \(image)}]}}}

            """
        }
        let config = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n"
        let digest = "sha256:" + String(repeating: "7", count: 64)
        let files: [String: String] = [
            "app.yml": container("127.0.0.1:1/lib/app:1"), "upper.yml": container("127.0.0.1:1/LIB/App:1"),
            "resolved.yml": container("127.0.0.1:1/lib/app@\(digest)"),
            "scheme.yml": container("https://127.0.0.1:1/lib/app:1"), "broken.yml": "a: b\n  c: d\n",
            "tab.yml": "a:\n\tb: c\n", "list.yml": "[1, 2]\n", "word.yml": "hello\n", "empty.yml": "",
            "comment.yml": "# nothing\n", "helm.yml": "image: {{ .Values.image }}\n",
            "chart.yml": "{{- if .Values.on }}\na: b\n{{- end }}\n",
            "field.yml": config + "overides:\n- image: x\n  newImage: y\n",
            "inner.yml": config + "overrides:\n- image: x\n  newImage: y\n  preresolvd: true\n",
            "name.yml": config + "overrides:\n- image: x\n  newImge: y\n",
            "builder.yml": config + "sources:\n- image: x\n  path: .\n  kaniko: {}\n",
            "option.yml": config + "sources:\n- image: x\n  path: .\n  docker: {build: {noCahce: true}}\n",
            "type.yml": config + "overrides: {image: x}\n",
            "newer.yml": config + "minimumRequiredVersion: 99.0.0\n",
            "mirror.yml":
                "apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\ntarget: registry.local\nimagse: []\n",
            "kind.yml": "apiVersion: kbld.k14s.io/v1alpha1\nkind: Confg\n",
            "version.yml": "apiVersion: kbld.k14s.io/v1alpha2\nkind: Config\n",
            "lock.yml": "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n- image: x:1\n",
            "map.json": "not JSON", "list.json": "[1]", "number.json": #"{"a": 1}"#, "empty.tar": "",
            "images.txt": "nginx:1 redis:1\n", "users": "alice:plain\n",
            "login/config.json": #"{"auths": {"127.0.0.1:1": {"auth": "!"}}}"#,
            "helper/config.json": #"{"credHelpers": {"127.0.0.1:1": "gone"}}"#,
            "syntax/config.json": "{",
        ]
        for folder in ["login", "helper", "syntax"] {
            let path = "\(lab.folder)/\(folder)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        for (name, text) in files { try lab.write(text, to: name) }
        let manager = FileManager.default
        try manager.createDirectory(atPath: "\(lab.folder)/folder", withIntermediateDirectories: false)
        try manager.createDirectory(atPath: "\(lab.folder)/bin", withIntermediateDirectories: false)
        try manager.createSymbolicLink(atPath: "\(lab.folder)/bin/kbld", withDestinationPath: Lab.program)
        try manager.copyItem(
            atPath: Lab.fixture("package-127.0.0.1-5001.tar"),
            toPath: "\(lab.folder)/images.tar"
        )
        try Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0]).write(to: URL(filePath: "\(lab.folder)/images.tar.gz"))
        try Data((0..<2048).map { UInt8(truncatingIfNeeded: $0 * 7 % 251) }).write(
            to: URL(filePath: "\(lab.folder)/noise.tar")
        )
    }

    @Test("every mistake is named, with its place and what to do, and nothing else is printed")
    func table() async throws {
        try await Lab.open { lab in
            try Self.prepare(lab)
            // A registry without anything in it.
            try await lab.serve(Lab.program, ["serve-registry", "--listen", "127.0.0.1:0"]) { port in
                let mistakes = try Self.table(lab)
                #expect(mistakes.count >= 100)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, mistake) in mistakes.enumerated() {
                        if number >= 4 { try await group.next() }
                        group.addTask { try await Self.check(mistake, lab, port) }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static func check(_ mistake: Mistake, _ lab: Lab, _ port: Int) async throws {
        let registry = "127.0.0.1:\(port)"
        let command = mistake.command.replacing("{{registry}}", with: registry)
        let outcome = try await lab.run("sh", ["-c", command], environment: ["LC_ALL": "C.UTF-8"])
        let log = outcome.log.replacing(registry, with: "{{registry}}")
        let place: Comment = "mistakes.txt:\(mistake.line): \(mistake.command)"
        #expect(log == mistake.log, place)
        #expect(outcome.status == mistake.status, place)
        #expect(outcome.output == "", place)
    }
}
