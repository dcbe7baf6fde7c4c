import ContainerImage
import KbldConfiguration
import SourceReferences
import Testing

/// Pairs of texts: as people write them, and pinned.
@Suite("Pinned files, by kind")
struct PinningTests {
    static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    static let other = "sha256:" + String(repeating: "fedcba9876543210", count: 4)

    struct Pair: Sendable, CustomTestStringConvertible {
        let name: String
        let kind: SourceFileKind
        let before: String
        /// With `@D` for the digest.
        let after: String

        var testDescription: String { name }
    }

    static func pinned(
        _ text: String,
        _ kind: SourceFileKind,
        _ form: PinForm? = nil,
        to digest: String = digest,
        usesTagField: Bool = false
    ) throws -> String {
        let file = SourceFile(path: "file", bytes: Array(text.utf8), kind: kind)
        let digest = try Digest(digest)
        var edits: [SourceEdit] = []
        for reference in try file.references() where reference.disposition == .reference && !reference.lacksTag {
            guard reference.ignored != .all else { continue }
            edits += try file.edits(pinning: reference, to: digest, as: form, usesTagField: usesTagField)
        }
        return String(decoding: try file.applying(edits).bytes, as: UTF8.self)
    }

    static func unpinned(_ text: String, _ kind: SourceFileKind) throws -> String {
        let file = SourceFile(path: "file", bytes: Array(text.utf8), kind: kind)
        var edits: [SourceEdit] = []
        for reference in try file.references() where reference.disposition == .reference {
            edits += try file.edits(unpinning: reference)
        }
        return String(decoding: try file.applying(edits).bytes, as: UTF8.self)
    }

    @Test("Each reference is pinned, and nothing else changes", arguments: pairs)
    func pin(_ pair: Pair) throws {
        let after = pair.after.replacing("@D", with: "@\(Self.digest)").replacing("=D", with: Self.digest)
        #expect(try Self.pinned(pair.before, pair.kind) == after)
        #expect(try Self.unpinned(after, pair.kind) == pair.before)
        #expect(try Self.pinned(after, pair.kind, to: Self.other) == after.replacing(Self.digest, with: Self.other))
    }

    @Test(
        "Empty values are passed over",
        arguments: [
            (SourceFileKind.kubernetes, "image: ''\n"), (.kubernetes, "image:\n"),
            (.compose, "services: {a: {image: ''}}\n"), (.github, "jobs: {a: {container: ''}}\n"),
            (.github, "jobs: {a: {container: {image: ''}}}\n"), (.helmValues, "image: ''\n"),
            (.gitlab, "image: ''\na: {script: [b], image: {name: ''}}\n"), (.quadlet, "[Container]\nImage=\n"),
        ]
    )
    func empty(kind: SourceFileKind, text: String) throws {
        let file = SourceFile(path: "file", bytes: Array(text.utf8), kind: kind)
        #expect(try file.references().isEmpty)
    }

    @Test(
        "A comment behind a value leaves it alone, however the value is written",
        arguments: [
            (SourceFileKind.kubernetes, "image: \"r.io/a:1\" # kbld:ignore"),
            (.kubernetes, "image: 'r.io/a:1' # kbld:ignore"),
            (.kubernetes, "image: r.io/a:1 # kbld:ignore"), (.kubernetes, "a: {image: \"r.io/a:1\"} # kbld:ignore"),
            (.github, "jobs: {a: {steps: [{uses: \"docker://r.io/a:1\"}]}} # kbld:ignore"),
            (.compose, "services:\n  a:\n    image: 'r.io/a:1' # ratchet:exclude"),
            (.kustomize, "images:\n- name: r.io/a\n  newTag: \"1\" # kbld:ignore"),
            (.helmValues, "a:\n  repository: r.io/a\n  tag: \"1\" # kbld:ignore"),
        ]
    )
    func ignored(kind: SourceFileKind, text: String) throws {
        let references = try SourceFile(path: "file", bytes: Array(text.utf8), kind: kind).references()
        #expect(references.map(\.ignored) == [.all])
    }

    @Test("Where podman takes an image from may be in front of it")
    func transports() throws {
        func found(_ image: String) throws -> [String] {
            try SourceFile(path: "a.image", bytes: Array("[Image]\nImage=\(image)\n".utf8), kind: .quadlet).references()
                .map { "\($0.text) \($0.disposition == .reference)" }
        }
        #expect(try found("docker://r.io/a:1") == ["r.io/a:1 true"])
        #expect(try found("docker-archive:/x.tar") == ["docker-archive:/x.tar false"])
        #expect(try found("oci:/x:1") == ["oci:/x:1 false"])
        #expect(try found("\\\n  r.io/a:1") == ["\\ false"])
    }

    @Test("What can't be edited says why, with its line")
    func refusals() throws {
        let text = """
            image: !!str r.io/a:1
            a:
              image: r.io/b:1
              other: 1
              image: r.io/c:1
            """
        let references = try SourceFile(path: "file", bytes: Array(text.utf8), kind: .kubernetes).references()
        #expect(
            references.map { "\($0.start.line) \($0.text) \($0.disposition)" } == [
                #"1 r.io/a:1 unsupported("it has the YAML tag !!str; remove that")"#,
                #"3 r.io/b:1 unsupported("its key is there again on line 5; remove one of them")"#,
                "5 r.io/c:1 reference",
            ]
        )
    }

    static let pairs = [
        Pair(
            name: "kubernetes",
            kind: .kubernetes,
            before: """
                # A shop.
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: shop}   # flow
                spec:
                  template:
                    spec:
                      containers:
                      - image: "nginx:1.27"   # the server
                        name:   web
                      - {name: b, image: 'redis:7'}
                      - name: c
                        image: &img registry.local:5000/a/b:v1
                      - name: d
                        image: *img
                      volumes:
                      - image: {reference: data:1}
                """,
            after: """
                # A shop.
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: shop}   # flow
                spec:
                  template:
                    spec:
                      containers:
                      - image: "nginx:1.27@D"   # the server
                        name:   web
                      - {name: b, image: 'redis:7@D'}
                      - name: c
                        image: &img registry.local:5000/a/b:v1@D
                      - name: d
                        image: *img
                      volumes:
                      - image: {reference: data:1@D}
                """
        ),
        Pair(
            name: "json",
            kind: .kubernetes,
            before:
                #"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"docker.io\/library\/nginx:1","x":"é"}]}}"#,
            after:
                #"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"docker.io\/library\/nginx:1@D","x":"é"}]}}"#
        ),
        Pair(
            name: "compose",
            kind: .compose,
            before:
                "\u{FEFF}x-common: &common\r\n  image: redis:7\r\nservices:\r\n  a:\r\n    <<: *common\r\n  ü:\r\n    image: 'é/é' \r\n"
                + "  b:\r\n    image: nginx:1\r\n    volumes:\r\n    - type: image\r\n      source: data:2\r\n  c:\r\n"
                + "    build: .\r\n    image: mine:1\r\n  d:\r\n    image: web:${TAG:-1.27}",
            after:
                "\u{FEFF}x-common: &common\r\n  image: redis:7@D\r\nservices:\r\n  a:\r\n    <<: *common\r\n  ü:\r\n    image: 'é/é' \r\n"
                + "  b:\r\n    image: nginx:1@D\r\n    volumes:\r\n    - type: image\r\n      source: data:2@D\r\n  c:\r\n"
                + "    build: .\r\n    image: mine:1\r\n  d:\r\n    image: web:${TAG:-1.27}"
        ),
        Pair(
            name: "github",
            kind: .github,
            before: """
                on: push
                jobs:
                  a:
                    container: node:20
                    steps:
                    - uses: actions/checkout@v4
                    - uses: docker://alpine:3.20
                    - uses: 'docker://ghcr.io/a/b:1'
                  b:
                    container: {image: node:21}
                    services:
                      db: {image: postgres:16}
                  c:
                    container: node:${{ matrix.node }}
                """,
            after: """
                on: push
                jobs:
                  a:
                    container: node:20@D
                    steps:
                    - uses: actions/checkout@v4
                    - uses: docker://alpine:3.20@D
                    - uses: 'docker://ghcr.io/a/b:1@D'
                  b:
                    container: {image: node:21@D}
                    services:
                      db: {image: postgres:16@D}
                  c:
                    container: node:${{ matrix.node }}
                """
        ),
        Pair(
            name: "gitlab",
            kind: .gitlab,
            before: """
                image: ruby:3
                default: {services: [postgres:16, {name: redis:7, alias: r}]}
                .base: &base
                  image: {name: python:3.12, entrypoint: [""]}
                test:
                  <<: *base
                  services: ["docker:dind"]
                  script: [!reference [.base, script]]
                vars:
                  image: $CI_IMAGE
                variables: {image: no:1}
                """,
            after: """
                image: ruby:3@D
                default: {services: [postgres:16@D, {name: redis:7@D, alias: r}]}
                .base: &base
                  image: {name: python:3.12@D, entrypoint: [""]}
                test:
                  <<: *base
                  services: ["docker:dind@D"]
                  script: [!reference [.base, script]]
                vars:
                  image: $CI_IMAGE
                variables: {image: no:1}
                """
        ),
        Pair(
            name: "circleci",
            kind: .circleci,
            before: """
                version: 2.1
                executors:
                  e: {docker: [{image: cimg/node:20.1}]}
                jobs:
                  j:
                    docker:
                    - image: cimg/go:1.22
                    - image: cimg/<< parameters.x >>:1
                  k: {machine: {image: ubuntu-2204:current}}
                """,
            after: """
                version: 2.1
                executors:
                  e: {docker: [{image: cimg/node:20.1@D}]}
                jobs:
                  j:
                    docker:
                    - image: cimg/go:1.22@D
                    - image: cimg/<< parameters.x >>:1
                  k: {machine: {image: ubuntu-2204:current}}
                """
        ),
        Pair(
            name: "tekton",
            kind: .tekton,
            before: """
                apiVersion: tekton.dev/v1
                kind: Pipeline
                spec:
                  tasks:
                  - taskSpec:
                      stepTemplate: {image: base:1}
                      steps:
                      - image: aa:1
                      - image: $(params.image)
                      sidecars:
                      - image: bb:1
                ---
                apiVersion: tekton.dev/v1
                kind: Task
                spec:
                  params: [{name: image, default: not:1}]
                  steps: [{image: cc:1}]
                """,
            after: """
                apiVersion: tekton.dev/v1
                kind: Pipeline
                spec:
                  tasks:
                  - taskSpec:
                      stepTemplate: {image: base:1@D}
                      steps:
                      - image: aa:1@D
                      - image: $(params.image)
                      sidecars:
                      - image: bb:1@D
                ---
                apiVersion: tekton.dev/v1
                kind: Task
                spec:
                  params: [{name: image, default: not:1}]
                  steps: [{image: cc:1@D}]
                """
        ),
        Pair(
            name: "drone",
            kind: .drone,
            before:
                "kind: pipeline\nsteps:\n- name: t\n  image: golang:1.22\nservices:\n- {name: db, image: postgres:16}\n",
            after:
                "kind: pipeline\nsteps:\n- name: t\n  image: golang:1.22@D\nservices:\n- {name: db, image: postgres:16@D}\n"
        ),
        Pair(
            name: "woodpecker",
            kind: .woodpecker,
            before: "steps:\n  test:\n    image: golang:1.22\n  other: {image: 'node:20'}\n",
            after: "steps:\n  test:\n    image: golang:1.22@D\n  other: {image: 'node:20@D'}\n"
        ),
        Pair(
            name: "cloudbuild",
            kind: .cloudbuild,
            before:
                "steps:\n- name: 'gcr.io/cloud-builders/docker:1'\n  args: [build]\n- name: gcr.io/$PROJECT_ID/x\nimages: [a:1]\n",
            after:
                "steps:\n- name: 'gcr.io/cloud-builders/docker:1@D'\n  args: [build]\n- name: gcr.io/$PROJECT_ID/x\nimages: [a:1]\n"
        ),
        Pair(
            name: "kustomize",
            kind: .kustomize,
            before: """
                images:
                - name: nginx
                  newTag: "1.27" # stable
                - newTag: v2
                  name: app
                  newName: registry.local/app
                - name: untouched
                  newName: elsewhere
                - {name: flow, newTag: v1}
                """,
            after: """
                images:
                - name: nginx
                  newTag: "1.27" # stable
                  digest: =D
                - newTag: v2
                  digest: =D
                  name: app
                  newName: registry.local/app
                - name: untouched
                  newName: elsewhere
                - {name: flow, newTag: v1, digest: =D}
                """
        ),
        Pair(
            name: "helm",
            kind: .helmValues,
            before: """
                image:
                  registry: quay.io
                  repository: team/app
                  tag: 1.27
                  digest: ""
                sidecar:
                  image: {repository: redis, tag: "7", digest: ''}
                text:
                  image: busybox:1.36
                null-digest:
                  repository: team/other
                  tag: v1
                  digest:
                chart:
                  repository: https://charts.example.com
                  tag: v1
                """,
            after: """
                image:
                  registry: quay.io
                  repository: team/app
                  tag: 1.27
                  digest: "=D"
                sidecar:
                  image: {repository: redis, tag: "7", digest: '=D'}
                text:
                  image: busybox:1.36@D
                null-digest:
                  repository: team/other
                  tag: v1
                  digest: =D
                chart:
                  repository: https://charts.example.com
                  tag: v1
                """
        ),
        Pair(
            name: "dockerfile",
            kind: .dockerfile,
            before: #"""
                # syntax=docker/dockerfile:1
                # escape=\
                ARG BASE=debian:12 OTHER="alpine:3"
                ARG V=1
                from --platform=$BUILDPLATFORM golang:1.22 \
                  # a comment
                  AS Build
                FROM build AS test
                COPY --from=0 /a /b
                COPY --from=build /a /b
                COPY --chown=1 --from=nginx:1.27 /a /b
                RUN --mount=type=bind,from=busybox:1,target=/x <<EOF
                FROM notme:1
                EOF
                FROM ${BASE}
                FROM $OTHER
                FROM scratch
                FROM debian:${V}
                # FROM comment:1
                FROM "quoted:1"
                """#,
            after: #"""
                # syntax=docker/dockerfile:1@D
                # escape=\
                ARG BASE=debian:12@D OTHER="alpine:3@D"
                ARG V=1
                from --platform=$BUILDPLATFORM golang:1.22@D \
                  # a comment
                  AS Build
                FROM build AS test
                COPY --from=0 /a /b
                COPY --from=build /a /b
                COPY --chown=1 --from=nginx:1.27@D /a /b
                RUN --mount=type=bind,from=busybox:1@D,target=/x <<EOF
                FROM notme:1
                EOF
                FROM ${BASE}
                FROM $OTHER
                FROM scratch
                FROM debian:${V}
                # FROM comment:1
                FROM "quoted:1@D"
                """#
        ),
        Pair(
            name: "quadlet",
            kind: .quadlet,
            before:
                "[Unit]\nImage=not:1\n[Container]\n# Image=no:1\nImage = quay.io/a/b:1\n[Volume]\nImage=other.image\n",
            after:
                "[Unit]\nImage=not:1\n[Container]\n# Image=no:1\nImage = quay.io/a/b:1@D\n[Volume]\nImage=other.image\n"
        ),
        Pair(
            name: "list",
            kind: .list,
            before: "# images\nnginx:1.27\r\n\n  redis:7   # cache\nghcr.io/a/b:1",
            after: "# images\nnginx:1.27@D\r\n\n  redis:7@D   # cache\nghcr.io/a/b:1@D"
        ),
    ]
}
