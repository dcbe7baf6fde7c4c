import KbldConfiguration
import KubernetesYAML
import Resolution
import Testing

@Suite("Finding images beside the key image")
struct ImageFinderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var finder: ImageFinder
        var input: String
        var found: [String]
        /// The input with each reference resolved to `mirror.local/NAME@sha256:0…`; nil for no difference.
        var output: String?
    }

    private static let digest = "@sha256:" + String(repeating: "0", count: 64)
    private static let hex = String(repeating: "0", count: 64)

    static let cases = [
        Case(
            testDescription: "variables that are named after images",
            finder: .env,
            input: """
                env:
                - {name: RELATED_IMAGE_PROXY, value: "quay.io/app/proxy:v1"}
                - {name: SIDECAR_IMAGE, value: "quay.io/app/sidecar:v1"}
                - {name: OTHER, value: "quay.io/app/other:v1"}
                - {name: PULL_IMAGE, value: "true"}
                - {name: BASE_IMAGE, value: "nginx:1"}
                """,
            found: ["quay.io/app/proxy:v1", "quay.io/app/sidecar:v1"],
            output: """
                env:
                - {name: RELATED_IMAGE_PROXY, value: "mirror.local/proxy\(digest)"}
                - {name: SIDECAR_IMAGE, value: "mirror.local/sidecar\(digest)"}
                - {name: OTHER, value: "quay.io/app/other:v1"}
                - {name: PULL_IMAGE, value: "true"}
                - {name: BASE_IMAGE, value: "nginx:1"}
                """
        ),
        Case(
            testDescription: "a variable that lists images by version",
            finder: .env,
            input: "{env: [{name: KAFKA_IMAGES, value: \"3.8=quay.io/k/kafka:3.8\\n3.9=quay.io/k/kafka:3.9\\n\"}]}",
            found: ["quay.io/k/kafka:3.8", "quay.io/k/kafka:3.9"],
            output: "{env: [{name: KAFKA_IMAGES, value: "
                + "\"3.8=mirror.local/kafka\(digest)\\n3.9=mirror.local/kafka\(digest)\\n\"}]}"
        ),
        Case(
            testDescription: "arguments, in one word and in two",
            finder: .args,
            input: """
                args:
                - --acme-http01-solver-image=quay.io/jetstack/solver:v1
                - --config-reloader=quay.io/p/reloader:v1
                - -entrypoint-image
                - ghcr.io/t/entrypoint:v1
                - --address=db.example.com/path:8080
                - --images-per-page=on:true
                """,
            found: ["quay.io/jetstack/solver:v1", "quay.io/p/reloader:v1", "ghcr.io/t/entrypoint:v1"],
            output: """
                args:
                - --acme-http01-solver-image=mirror.local/solver\(digest)
                - --config-reloader=mirror.local/reloader\(digest)
                - -entrypoint-image
                - mirror.local/entrypoint\(digest)
                - --address=db.example.com/path:8080
                - --images-per-page=on:true
                """
        ),
        Case(
            testDescription: "fields of custom resources",
            finder: .crds,
            input: """
                apiVersion: pkg.crossplane.io/v1
                kind: Provider
                spec: {package: "xpkg.upbound.io/u/provider-aws:v1", initImage: "ghcr.io/a/init:v2", note: "ghcr.io/a/b:1"}
                """,
            found: ["ghcr.io/a/init:v2", "xpkg.upbound.io/u/provider-aws:v1"],
            output: """
                apiVersion: pkg.crossplane.io/v1
                kind: Provider
                spec:
                  package: mirror.local/provider-aws\(digest)
                  initImage: mirror.local/init\(digest)
                  note: ghcr.io/a/b:1
                """
        ),
        Case(
            testDescription: "parameters of Tekton that are named after images, and images of extensions",
            finder: .crds,
            input: """
                apiVersion: tekton.dev/v1
                kind: Task
                spec: {params: [{name: gitImage, default: "ghcr.io/a/git:v1"}, {name: url, default: "ghcr.io/a/b:v1"}]}
                """,
            found: ["ghcr.io/a/git:v1"],
            output: """
                apiVersion: tekton.dev/v1
                kind: Task
                spec:
                  params: [{name: gitImage, default: mirror.local/git\(digest)}, {name: url, default: "ghcr.io/a/b:v1"}]
                """
        ),
        Case(
            testDescription: "the base image of Prometheus",
            finder: .crds,
            input: """
                {apiVersion: monitoring.coreos.com/v1, kind: Prometheus, spec: {baseImage: quay.io/p/prometheus, tag: v2}}
                """,
            found: ["quay.io/p/prometheus:v2"],
            output: """
                {apiVersion: monitoring.coreos.com/v1, kind: Prometheus,
                 spec: {baseImage: mirror.local/prometheus, tag: v2, sha: "\(hex)"}}
                """
        ),
        Case(
            testDescription: "annotations of charts and operators, and not what kbld noted",
            finder: .annotations,
            input: """
                metadata:
                  annotations:
                    artifacthub.io/images: |
                      - name: app
                        image: quay.io/app/app:v1
                    containerImage: quay.io/app/operator:v1
                    kbld.k14s.io/images: "- image: quay.io/app/noted:v1\\n"
                    url: quay.io/app/other:v1
                """,
            found: ["quay.io/app/app:v1", "quay.io/app/operator:v1"],
            output: """
                metadata:
                  annotations:
                    artifacthub.io/images: |
                      - name: app
                        image: mirror.local/app\(digest)
                    containerImage: mirror.local/operator\(digest)
                    kbld.k14s.io/images: "- image: quay.io/app/noted:v1\\n"
                    url: quay.io/app/other:v1
                """
        ),
        Case(
            testDescription: "repository and tag, with and without a registry and a digest",
            finder: .objects,
            input: """
                a: {registry: ghcr.io, repository: app/web, tag: v1}
                b: {repository: nginx, tag: "1.29"}
                c: {repository: nginx, tag: "1.29", digest: ""}
                d: {repository: "https://github.com/app/web", tag: v1}
                e: {repository: nginx, tag: ""}
                """,
            found: ["ghcr.io/app/web:v1", "nginx:1.29", "nginx:1.29"],
            output: """
                a: {registry: mirror.local, repository: web, tag: "v1\(digest)"}
                b: {repository: mirror.local/nginx, tag: "1.29\(digest)"}
                c: {repository: mirror.local/nginx, tag: "1.29", digest: "sha256:\(hex)"}
                d: {repository: "https://github.com/app/web", tag: v1}
                e: {repository: nginx, tag: ""}
                """
        ),
        Case(
            testDescription: "YAML in a ConfigMap keeps its comments, quotes and order",
            finder: .texts,
            input: """
                kind: ConfigMap
                apiVersion: v1
                data:
                  sidecar-image: ghcr.io/a/sidecar:v1
                  config: |
                    # image: nginx:1
                    zeta: 1
                    image: "nginx:1"   # pinned
                    alpha: {image: 'redis:7'}
                  other: {image: "{{ .Image }}"}
                  template: |
                    image: "$(params.x)"
                """,
            found: ["redis:7", "nginx:1", "{{ .Image }}", "ghcr.io/a/sidecar:v1"],
            output: """
                kind: ConfigMap
                apiVersion: v1
                data:
                  sidecar-image: mirror.local/sidecar\(digest)
                  config: |
                    # image: nginx:1
                    zeta: 1
                    image: "mirror.local/nginx\(digest)"   # pinned
                    alpha: {image: 'mirror.local/redis\(digest)'}
                  other: {image: "{{ .Image }}"}
                  template: |
                    image: "$(params.x)"
                """
        ),
        Case(
            testDescription: "references that are folded, escaped, merged or in a text of the text change alone",
            finder: .texts,
            input: """
                data:
                  a: |
                    # folded
                    image: >-
                      ghcr.io/a/app:1
                    n: 0x1F
                    y: yes
                  b: |
                    # top
                    inner: |
                      keep: "quoted"   # kept
                      image: ghcr.io/a/app:1

                    z: 1.50
                  c: |
                    escaped: "{\\"image\\": \\"ghcr.io/a/app:1\\"}" # kept
                  d: |
                    base: &base {image: ghcr.io/a/app:1}  # kept
                    more: {<<: *base, x: 1.0}
                """,
            found: [String](repeating: "ghcr.io/a/app:1", count: 5),
            output: """
                data:
                  a: |
                    # folded
                    image: >-
                      mirror.local/app\(digest)
                    n: 0x1F
                    y: yes
                  b: |
                    # top
                    inner: |
                      keep: "quoted"   # kept
                      image: mirror.local/app\(digest)

                    z: 1.50
                  c: |
                    escaped: "{\\"image\\": \\"mirror.local/app\(digest)\\"}" # kept
                  d: |
                    base: &base {image: mirror.local/app\(digest)}  # kept
                    more: {<<: *base, x: 1.0}
                """
        ),
        Case(
            testDescription: "JSON in a text keeps its white space",
            finder: .texts,
            input: #"{data: {x: "{ \"image\" : \"nginx:1\", \"n\": 1.50 }"}}"#,
            found: ["nginx:1"],
            output: #"{data: {x: "{ \"image\" : \"mirror.local/nginx\#(digest)\", \"n\": 1.50 }"}}"#
        ),
        Case(
            testDescription: "addresses of artifacts, and Flux's repositories of them",
            finder: .oci,
            input: """
                storageUri: oci://ghcr.io/m/model:v1
                chart: oci://ghcr.io/m/chart
                spec: {url: "oci://ghcr.io/f/podinfo", ref: {tag: "6.1"}}
                """,
            found: ["ghcr.io/f/podinfo:6.1", "ghcr.io/m/model:v1"],
            output: """
                storageUri: oci://mirror.local/model\(digest)
                chart: oci://ghcr.io/m/chart
                spec: {url: "oci://mirror.local/podinfo", ref: {tag: "6.1", digest: "sha256:\(hex)"}}
                """
        ),
        Case(
            testDescription: "the images of a kustomization",
            finder: .kustomizations,
            input:
                "{images: [{name: nginx, newTag: '1.29'}, {name: app, newName: ghcr.io/a/app, newTag: v1}, {name: x}]}",
            found: ["nginx:1.29", "ghcr.io/a/app:v1"],
            output: """
                images:
                - {name: nginx, newName: mirror.local/nginx, newTag: '1.29', digest: "sha256:\(hex)"}
                - {name: app, newName: mirror.local/app, newTag: v1, digest: "sha256:\(hex)"}
                - {name: x}
                """
        ),
    ]

    @Test("each finder finds and replaces what it is for", arguments: cases)
    func finders(example: Case) throws {
        let search = ReferenceSearch(rules: SearchRule.defaults, finders: [example.finder])
        let input = try value(example.input)
        #expect(search.collect(in: input) == example.found)
        let output = search.replace(in: input) { reference in
            reference.contains("{") ? reference : Self.resolved(reference)
        }
        #expect(output == (try value(example.output ?? example.input)))
        // What was written is found again, and stays.
        #expect(search.replace(in: output) { Self.resolved($0) } == output || example.input.contains("{{"))
    }

    @Test("without finders only rules find anything", arguments: cases)
    func without(example: Case) throws {
        let search = ReferenceSearch(rules: [])
        #expect(search.collect(in: try value(example.input)).isEmpty)
    }

    @Test(
        "rules for some resources, and what they leave",
        arguments: [
            ("resourceMatchers: [{kind: Job}]", ["a", "job"]),
            ("resourceMatchers: [{apiVersionKindMatcher: {apiVersion: apps/v1, kind: Deployment}}]", ["a"]),
            ("resourceMatchers: [{any: [{kind: Pod}, {name: 'w*'}]}]", ["a", "job"]),
            ("resourceMatchers: [{all: [{kind: Job}, {not: {namespace: prod}}]}]", ["a"]),
            ("resourceMatchers: [{notMatcher: {matcher: {kind: Pod}}}]", ["a", "job"]),
            ("exclude: [{image: 'jo*'}]", ["a"]),
            ("exclude: [{path: [spec]}]", ["a"]),
            ("exclude: [{resource: {kind: Job}}]", ["a"]),
            ("exclude: [{resource: {kind: Pod}}]", ["a", "job"]),
        ]
    )
    func resources(rule: String, found: [String]) throws {
        let document = try value(
            """
            {apiVersion: kbld.k14s.io/v1alpha1, kind: Config, searchRules: [{keyMatcher: {name: runner}, \(rule)}]}
            """
        )
        let configuration = try Configuration.extract(
            from: [YAMLDocument(value: document, file: "config.yml", index: 1, line: 1)],
            version: SemanticVersion("1.0.0")
        ).configuration
        let resource = try value(
            "{kind: Job, apiVersion: batch/v1, metadata: {name: web, namespace: prod}, a: {image: a}, spec: {runner: job}}"
        )
        #expect(ReferenceSearch(rules: configuration.rules).collect(in: resource) == found)
        // A lock repeats rules.
        let lock = LockOutput(
            minimumRequiredVersion: try SemanticVersion("1.0.0"),
            searchRules: configuration.givenRules,
            images: []
        )
        let again = try Configuration.extract(
            from: [YAMLDocument(value: lock.value, file: "lock.yml", index: 1, line: 1)],
            version: SemanticVersion("1.0.0")
        ).configuration
        #expect(again.givenRules == configuration.givenRules)
    }

    @Test("what isn't a reference stays where that is allowed, unless an override is for it")
    func nonReferences() throws {
        let resource = YAMLDocument(
            value: try value(
                "{a: {image: $(params.x)}, b: {image: 'nginx:1'}, c: {image: 'ko://a/b'}, d: {image: '{{ x }}'}}"
            ),
            file: "app.yml",
            index: 1,
            line: 1
        )
        var configuration = Configuration(
            overrides: [ImageOverride(matcher: .image("{{ x }}"), newImage: "redis:7")]
        )
        configuration.keepsNonReferences = true
        let update = ReferenceUpdate(configuration)
        #expect(update.references(in: resource) == ["nginx:1", "ko://a/b", "{{ x }}"])
        #expect(update.keptValues(in: [resource]) == ["$(params.x)"])
        let images = Dictionary(
            uniqueKeysWithValues: update.references(in: resource).map { ($0, ResolvedImage(url: "new", origins: [])) }
        )
        #expect(
            try update.apply(images, to: resource, annotates: false)
                == value("{a: {image: $(params.x)}, b: {image: new}, c: {image: new}, d: {image: new}}")
        )
    }

    @Test("tags stay before digests where they are kept")
    func keptTags() throws {
        let resource = YAMLDocument(value: try value("{image: nginx}"), file: "app.yml", index: 1, line: 1)
        let image = ResolvedImage(
            url: "index.docker.io/library/nginx\(Self.digest)",
            origins: [.resolved(url: "nginx", tag: "latest")]
        )
        let printed = try ReferenceUpdate(Configuration())
            .apply(["nginx": image], to: resource, annotates: false, keepsTags: true)
        #expect(printed == ["image": .string("index.docker.io/library/nginx:latest\(Self.digest)")])
    }

    private static func resolved(_ reference: String) -> String {
        let name = reference.prefix { $0 != "@" }.split(separator: "/").last ?? ""
        return "mirror.local/\(name.prefix { $0 != ":" })\(digest)"
    }

    private func value(_ text: String) throws -> YAMLValue {
        try #require(try YAMLReader.values(in: text, file: "test.yml").first)
    }
}
