import SourceReferences

/// Writes files of every kind at random, in the styles that people write them in.
struct RandomSourceFile {
    private var state: UInt64
    /// How many references were written that can be pinned.
    private(set) var count = 0

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    private mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }

    private mutating func pick(_ choices: [String]) -> String { choices[next(choices.count)] }
    private mutating func chance(_ percent: Int) -> Bool { next(100) < percent }

    /// A file of this kind.
    mutating func text(_ kind: SourceFileKind) -> String {
        var text: String =
            switch kind {
            case .kubernetes: kubernetes()
            case .compose: compose()
            case .quadlet: quadlet()
            case .list: list()
            case .dockerfile: dockerfile()
            case .github: github()
            case .gitlab: gitlab()
            case .circleci: circleci()
            case .tekton: tekton()
            case .drone: drone()
            case .woodpecker: woodpecker()
            case .cloudbuild: cloudbuild()
            case .kustomize: kustomize()
            case .helmValues: helm()
            }
        if chance(25) { text = text.replacing("\n", with: "\r\n") }
        if chance(15), kind != .dockerfile, kind != .quadlet { text = "\u{FEFF}" + text }
        while chance(25), text.unicodeScalars.last == "\n" { text.unicodeScalars.removeLast() }
        if text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
        return text
    }

    // MARK: Parts

    private mutating func name() -> String {
        pick([
            "nginx", "redis", "library/alpine", "team/app", "quay.io/a/b", "registry.local:5000/x/y_z", "localhost/q",
        ])
            + pick(["", "-x", "2", "/sub.name"])
    }

    private mutating func tag() -> String {
        pick(["1.27", "v1", "1", "3.20-alpine", "latest", "2024.01", "a_b", "0x1f"])
    }

    private mutating func reference() -> String {
        count += 1
        return "\(name()):\(tag())"
    }

    /// The reference in one of YAML's styles.
    private mutating func scalar(_ prefix: String = "") -> String {
        let text = prefix + reference()
        return switch next(3) {
        case 0: "\"\(text)\""
        case 1: "'\(text)'"
        default: text
        }
    }

    private mutating func noise() -> String {
        pick([
            "", "", "  ", "   # größer", "\t# tab", " # kept: 'as \"it\" is", "  # 日本語 🐳",
        ])
    }

    /// A line of something else.
    private mutating func other(_ indent: String) -> String {
        pick([
            "", "\(indent)# comment: image: nginx:1\n", "\n", "\(indent)env: {A: \"b: # c\", D: 'it''s'}\n",
            "\(indent)text: |\n\(indent)  image: not:1\n\(indent)  # nor this\n", "\(indent)ü: \"\\u00e9\\t\"\n",
            "\(indent)folded: >-\n\(indent)   a\n\(indent)   b\n", "\(indent)list: [1, 2.50, ~, yes]\n",
            "\(indent)? complex\n\(indent): value\n", "\(indent)emoji: \"🐳 \u{2028} x\"\n",
        ])
    }

    /// `image: …` in block style.
    private mutating func image(_ indent: String, key: String = "image", prefix: String = "") -> String {
        let space = pick([" ", " ", "  "])
        return "\(indent)\(key):\(space)\(scalar(prefix))\(noise())\n"
    }

    private mutating func flow(key: String = "image") -> String {
        pick(["{\(key): ", "{ a: b, \(key): ", "{\"\(key)\": "]) + scalar() + pick(["}", " }", ", z: [x]}"])
    }

    // MARK: Kinds

    private mutating func kubernetes() -> String {
        var text = pick(["", "# first\n", "---\n", "%YAML 1.1\n---\n"])
        for document in 0...next(3) {
            if document > 0 { text += "---\(noise())\n" }
            text += "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\(document)\nspec:\n\(other("  "))  containers:\n"
            let indent = pick(["  ", "    "])
            for container in 0...next(4) {
                switch next(4) {
                case 0: text += "\(indent)- \(flow())\(noise())\n"
                case 1:
                    text += "\(indent)- image: &a\(document)x\(container) \(scalar())\n"
                    text += "\(indent)- image: *a\(document)x\(container)\n"
                default:
                    text += "\(indent)- name: c\(container)\n\(other(indent + "  "))\(image(indent + "  "))"
                    text += other(indent + "  ")
                }
            }
        }
        return text
    }

    private mutating func compose() -> String {
        var text = other("") + "x-base: &base\n" + image("  ") + "services:\n"
        for service in 0...next(4) {
            text += "  s\(service):\n"
            switch service == 0 ? 0 : next(4) {
            case 0: text += "    <<: *base\n"
            case 1: text += "    build: .\n    image: built:1\n"
            case 2: text += image("    ") + "    volumes:\n    - type: image\n" + image("      ", key: "source")
            default: text += other("    ") + image("    ")
            }
        }
        return text + "  last: " + flow() + "\n"
    }

    private mutating func github() -> String {
        var text = "on: push\n" + other("") + "jobs:\n"
        for job in 0...next(3) {
            text += "  j\(job):\n"
            text += chance(50) ? image("    ", key: "container") : "    container:\n" + image("      ")
            text += "    services:\n      db: \(flow())\n    steps:\n    - uses: actions/checkout@v4\n"
            text += image("    ", key: "- uses", prefix: "docker://")
            text += "    - uses: docker://x:${{ matrix.x }}\n" + other("      ")
        }
        return text
    }

    private mutating func gitlab() -> String {
        var text = image("") + "default:\n  services: [\(scalar()), \(flow(key: "name"))]\n" + other("")
        for job in 0...next(3) {
            text += "job\(job):\n  script: [echo]\n"
            text += chance(50) ? image("  ") : "  image: \(flow(key: "name"))\n"
        }
        return text + "v:\n  image: $CI/x:1\n"
    }

    private mutating func circleci() -> String {
        var text = "version: 2.1\nexecutors:\n  e:\n    docker:\n" + image("    ", key: "- image") + "jobs:\n"
        for job in 0...next(3) { text += "  j\(job):\n    docker:\n    - \(flow())\n" + other("    ") }
        return text + "  m:\n    machine: {image: ubuntu:1}\n"
    }

    private mutating func tekton() -> String {
        var text = "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  stepTemplate: \(flow())\n  steps:\n"
        for _ in 0...next(3) { text += "  - name: s\n" + image("    ") + other("    ") }
        return text + "  - image: $(params.x)\n"
    }

    private mutating func drone() -> String {
        var text = "kind: pipeline\nsteps:\n"
        for _ in 0...next(3) { text += "- name: s\n" + image("  ") + other("  ") }
        return text + "services:\n- \(flow())\n"
    }

    private mutating func woodpecker() -> String {
        var text = "steps:\n"
        for step in 0...next(3) { text += "  s\(step):\n" + image("    ") + other("    ") }
        return text
    }

    private mutating func cloudbuild() -> String {
        var text = "steps:\n"
        for _ in 0...next(3) { text += image("", key: "- name") + "  args: ['x']\n" + other("  ") }
        return text + "images: ['out:1']\n"
    }

    private mutating func kustomize() -> String {
        var text = other("") + "images:\n"
        for _ in 0...next(3) {
            count += 1
            let quote = pick(["", "\"", "'"])
            switch next(3) {
            case 0: text += "- {name: \(name()), newTag: \(quote)\(tag())\(quote)}\n"
            case 1: text += "- newTag: \(quote)\(tag())\(quote)\(noise())\n  name: \(name())\n"
            default: text += "- name: \(name())\n  newName: \(name())\n  newTag: \(quote)\(tag())\(quote)\(noise())\n"
            }
        }
        return text
    }

    private mutating func helm() -> String {
        var text = other("")
        for part in 0...next(3) {
            count += 1
            let quote = pick(["\"", "'"])
            text +=
                "p\(part):\n  image:\n    registry: quay.io\n    repository: a/b\n    tag: \(quote)\(tag())\(quote)\(noise())\n"
            text += "    digest: \(pick(["\"\"", "''", ""]))\(noise())\n" + other("  ")
        }
        return text + "text:\n" + image("  ")
    }

    private mutating func quadlet() -> String {
        var text = "[Unit]\nDescription=Image=x:1\n\n[Container]\n"
        text +=
            pick(["# Image=a:1\n", "; c\n", ""]) + pick(["Image=", "Image = "]) + reference() + pick(["\n", "  \n"])
        return text + "Exec=a \\\n  Image=b:1\n"
    }

    private mutating func list() -> String {
        var text = ""
        for _ in 0...next(6) {
            text += pick(["", "  ", "\t"]) + reference() + pick(["", " # x", "  ", "\n# y"]) + "\n"
        }
        return text
    }

    private mutating func dockerfile() -> String {
        var text = chance(40) ? "# syntax=\(reference())\n" : ""
        let base = chance(50)
        if base { text += "ARG BASE=\(reference())\n" }
        for stage in 0...next(3) {
            text += pick(["FROM ", "from  ", "FROM --platform=$BUILDPLATFORM ", "FROM \\\n  "]) + reference()
            text += pick([" AS s\(stage)\n", " as S\(stage)\n"])
            text += pick(["RUN echo \\\n  # in\n\n  FROM x:1\n", "RUN <<EOF\nFROM y:1\nEOF\n", "# FROM z:1\n", "\n"])
            if chance(50) { text += "COPY --from=\(reference()) /a /b\n" }
            if chance(30) { text += "COPY --from=S\(stage) /a /b\n" }
            if chance(30) { text += "RUN --mount=type=bind,from=\(reference()),target=/x true\n" }
        }
        return text + (base ? "FROM ${BASE}\n" : "FROM s0\n")
    }
}
