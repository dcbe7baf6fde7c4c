import ContainerImage
import KbldConfiguration
import KubernetesYAML
import Testing

@Suite("Lock files")
struct LockTests {
    @Test("a lock is a config document whose overrides are final")
    func lock() throws {
        let entry = LockOutput.Entry(matcher: .image("app:1"), newImage: "r/app@sha256:aa")
        let lock = LockOutput(
            minimumRequiredVersion: try SemanticVersion("0.43.0"),
            images: [entry, LockOutput.Entry(matcher: .imageRepo("repo"), newImage: "r/x@sha256:bb"), entry]
        )
        #expect(
            lock.text == """
                apiVersion: kbld.k14s.io/v1alpha1
                kind: Config
                minimumRequiredVersion: 0.43.0
                overrides:
                - image: app:1
                  newImage: r/app@sha256:aa
                  preresolved: true
                - imageRepo: repo
                  newImage: r/x@sha256:bb
                  preresolved: true

                """
        )
    }

    @Test("a lock repeats the rules that were given, and reads back as it was")
    func roundTrip() throws {
        let given = try config(
            """
            keys: [k]
            searchRules:
            - keyMatcher: {path: [spec, {index: 1}, {allIndexes: true}]}
              valueMatcher: {image: nginx}
              updateStrategy: {json: {searchRules: [{keyMatcher: {name: x}, updateStrategy: {none: {}}}]}}
            - valueMatcher: {imageRepo: r/x}
              updateStrategy: {yaml: {searchRules: [{keyMatcher: {name: y}, updateStrategy: {entireValue: {}}}]}}
            - keyMatcher: {name: z}
              updateStrategy: {yaml: {}}
            """
        )
        let lock = LockOutput(
            minimumRequiredVersion: try SemanticVersion("0.43.0"),
            searchRules: given.givenRules,
            images: [LockOutput.Entry(matcher: .image("a"), newImage: "b")]
        )
        let read = try extract(lock.text).configuration
        #expect(read.rules == given.rules)
        // Those that were given, and the two that there are without asking.
        #expect(read.rules.count == 6)
        #expect(read.overrides == [ImageOverride(matcher: .image("a"), newImage: "b", preresolved: true)])
    }

    @Test("a lock of nothing has no overrides")
    func emptyLock() throws {
        let lock = LockOutput(minimumRequiredVersion: try SemanticVersion("0.43.0"), images: [])
        #expect(lock.text == "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\nminimumRequiredVersion: 0.43.0\n")
    }

    @Test("an images lock tells references and origins in annotations")
    func imagesLock() {
        let lock = ImagesLock(images: [
            ImagesLock.Entry(
                reference: "app:1",
                image: "r/app@sha256:aa",
                origins: [.resolved(url: "app:1", tag: "1"), .preresolved(url: "b")]
            ),
            ImagesLock.Entry(reference: "x", image: "r/x@sha256:bb"),
        ])
        #expect(
            lock.text == """
                ---
                apiVersion: imgpkg.carvel.dev/v1alpha1
                images:
                - annotations:
                    kbld.carvel.dev/id: app:1
                    kbld.carvel.dev/origins: |
                      - resolved:
                          tag: "1"
                          url: app:1
                      - preresolved:
                          url: b
                  image: r/app@sha256:aa
                - annotations:
                    kbld.carvel.dev/id: x
                  image: r/x@sha256:bb
                kind: ImagesLock

                """
        )
    }

    @Test("the images of a lock are written in full, without their tags")
    func lockedNames() throws {
        let digest = "@sha256:" + String(repeating: "a", count: 64)
        let text = ["nginx", "docker.io/foo/bar:1", "r.io/x:1.0"].map {
            "- {image: '\($0)\(digest)', annotations: {kbld.carvel.dev/id: '\($0)'}}\n"
        }
        let lock = "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n" + text.joined()
        let names = try extract(lock).configuration.overrides.map(\.newImage)
        #expect(names == ["index.docker.io/library/nginx", "index.docker.io/foo/bar", "r.io/x"].map { $0 + digest })
    }

    @Test("an images lock of nothing has no images")
    func emptyImagesLock() {
        #expect(
            ImagesLock(images: []).text == "---\napiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n"
        )
    }

    @Test(
        "an origin is written as it was read",
        arguments: [
            Origin.git(remoteURL: "git@example.com:a/b", sha: "1a", dirty: true, tags: ["v1"]),
            .git(remoteURL: "", sha: "1a", dirty: false, tags: []),
            .local(path: "/src"),
            .resolved(url: "nginx", tag: "latest"),
            .resolved(url: "nginx", tag: nil),
            .tagged(["a", "b"]),
            .preresolved(url: "r/x"),
            .platformSelected(index: "i", Platform(os: "linux", architecture: "arm", variant: "v7")),
            .other(.map(["later": .map(["a": .integer("1")])])),
            .other(.map(["resolved": .string("odd")])),
        ]
    )
    func origins(origin: Origin) {
        #expect(Origin(origin.value) == origin)
    }
}
