import ContainerImage
import KbldConfiguration
import Testing

@Suite("Overrides, destinations and locks")
struct OverrideTests {
    @Test("an override in full")
    func override() throws {
        let configuration = try config(
            """
            overrides:
            - imageRepo: r.example.com/app
              newImage: r.example.com/other
              tagSelection:
                semver: {constraints: ">=1.0.0", prereleases: {identifiers: [rc, beta]}}
              platformSelection:
                os: windows
                architecture: amd64
                variant: v1
                os.version: "10.0"
                os.features: [win32k]
                features: [sse4]
            """
        )
        let expected = ImageOverride(
            matcher: .imageRepo("r.example.com/app"),
            newImage: "r.example.com/other",
            tagSelection: VersionSelection(
                constraint: try VersionConstraint(">=1.0.0"),
                prereleases: .identified(by: ["rc", "beta"])
            ),
            platformSelection: Platform(
                os: "windows",
                architecture: "amd64",
                variant: "v1",
                osVersion: "10.0",
                osFeatures: ["win32k"],
                features: ["sse4"]
            )
        )
        #expect(configuration.overrides == [expected])
    }

    @Test("prereleases are left out unless the section is there, and all are in when it names none")
    func prereleases() throws {
        func selection(_ semver: String) throws -> VersionSelection? {
            try config("overrides: [{image: a, newImage: b, tagSelection: {semver: \(semver)}}]").overrides[0]
                .tagSelection
        }
        #expect(try selection("{}") == VersionSelection())
        #expect(try selection("{constraints: ''}") == VersionSelection())
        #expect(try selection("{prereleases: {}}") == VersionSelection(prereleases: .included))
    }

    @Test(
        "an image is compared as written, a repository with what stands before tag and digest",
        arguments: [
            (ImageMatcher.image("nginx"), "nginx", true),
            (.image("nginx"), "nginx:latest", false),
            (.image("nginx"), "docker.io/library/nginx", false),
            (.imageRepo("nginx"), "nginx", true),
            (.imageRepo("nginx"), "nginx:1.0", true),
            (.imageRepo("nginx"), "nginx@sha256:aa", true),
            (.imageRepo("nginx"), "nginx:1.0@sha256:aa", true),
            (.imageRepo("nginx"), "nginx-more:1.0", false),
            (.imageRepo("nginx"), "library/nginx:1.0", false),
            (.imageRepo("localhost:5000/a"), "localhost:5000/a:1", true),
            (.imageRepo("localhost"), "localhost:5000/a", false),
        ]
    )
    func matching(matcher: ImageMatcher, reference: String, matches: Bool) {
        #expect(matcher.matches(reference) == matches)
    }

    @Test(
        "the repository of a reference",
        arguments: [
            ("a", "a"), ("a:b:c", "a:b"), ("a@b", "a@b"), ("a:1@b", "a:1@b"), ("a@b:c", "a"), ("a:1@b:c", "a"),
            ("a:", "a:"), (":1", ":1"), ("h:5/x", "h:5/x"), ("h:5", "h"), ("a@:b", "a@"), ("a b", "a b"),
        ]
    )
    func repository(reference: String, repository: String) {
        #expect(ImageMatcher.repository(of: reference) == repository)
    }

    @Test("a text that is empty or has several lines has no repository", arguments: ["", "a\nb"])
    func noRepository(text: String) {
        #expect(ImageMatcher.repository(of: text) == nil)
    }

    @Test("the first override, source and destination that match count")
    func first() throws {
        let configuration = try config(
            """
            overrides: [{image: a, newImage: b}, {imageRepo: a, newImage: c}]
            sources: [{imageRepo: a, path: p}, {image: a, path: q}]
            destinations: [{image: b}, {imageRepo: a, newImage: d, tags: [x, 1.0]}]
            """
        )
        #expect(configuration.override(for: "a")?.newImage == "b")
        #expect(configuration.override(for: "a:1")?.newImage == "c")
        #expect(configuration.override(for: "b") == nil)
        #expect(configuration.source(for: "a")?.path == "p")
        #expect(configuration.destination(for: "a:1")?.newImage == "d")
        #expect(configuration.destination(for: "a:1")?.tags == ["x", "1"])
    }

    @Test("a destination without newImage is the image itself")
    func destination() throws {
        let destinations = try config("destinations: [{image: r.example.com/a}]").destinations
        #expect(destinations == [BuildDestination(matcher: .image("r.example.com/a"), newImage: "r.example.com/a")])
    }

    @Test("an images lock gives overrides that are final")
    func imagesLock() throws {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let result = try extract(
            """
            apiVersion: imgpkg.carvel.dev/v1alpha1
            kind: ImagesLock
            images:
            - image: r.example.com/app@\(digest)
              annotations:
                kbld.carvel.dev/id: my-app:1
                kbld.carvel.dev/origins: |
                  - resolved:
                      tag: "1"
                      url: my-app:1
            - image: nginx@\(digest)
              annotations: {kbld.carvel.dev/id: 2}
            """
        )
        #expect(result.resources.isEmpty)
        let (first, second) = (result.configuration.overrides[0], result.configuration.overrides[1])
        #expect(first.matcher == .image("my-app:1"))
        #expect(first.newImage == "r.example.com/app@\(digest)")
        #expect(first.preresolved)
        #expect(first.origins == [.resolved(url: "my-app:1", tag: "1")])
        #expect(second.matcher == .image("2"))
        #expect(second.newImage == "index.docker.io/library/nginx@\(digest)")
    }

    @Test(
        "an images lock that isn't in order is refused, with the field",
        arguments: [
            ("spec: {images: []}", "", "there is no option 'spec'"),
            ("images: [{image: IMAGE}]", "images[0]", "kbld.carvel.dev/id"),
            ("images: [{image: IMAGE, annotations: {x: y}}]", "images[0].annotations", "kbld.carvel.dev/id"),
            ("images: [{image: IMAGE, annotation: {}}]", "images[0]", "there is no option 'annotation'"),
            ("images: [{annotations: {}}]", "images[0]", "image"), ("images: {}", "images", "a list"),
            ("images: [{image: IMAGE, annotations: []}]", "images[0].annotations", "a map"),
        ]
    )
    func imagesLockFaults(sections: String, field: String, message: String) {
        let image = "nginx@sha256:" + String(repeating: "a", count: 64)
        let text =
            "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n" + sections.replacing("IMAGE", with: image)
        let error = #expect(throws: ConfigurationError.self) { try extract(text) }
        #expect(error?.field == field)
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test("an images lock must have digests", arguments: ["nginx", "nginx:1", "nginx@sha256:12", "NGINX@x"])
    func imagesLockWithoutDigest(image: String) {
        let text = "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages: [{image: '\(image)'}]\n"
        let error = #expect(throws: ConfigurationError.self) { try extract(text) }
        #expect(error?.field == "images[0].image")
        #expect(error?.description.contains("by digest") == true)
    }

    @Test("malformed origins of an images lock are named")
    func imagesLockWithBadOrigins() {
        let image = "nginx@sha256:" + String(repeating: "a", count: 64)
        let text = """
            apiVersion: imgpkg.carvel.dev/v1alpha1
            kind: ImagesLock
            images:
            - image: \(image)
              annotations: {kbld.carvel.dev/origins: '['}
            """
        let error = #expect(throws: ConfigurationError.self) { try extract(text) }
        #expect(error?.field == "images[0].annotations.kbld.carvel.dev/origins")
        #expect(error?.description.contains("not valid YAML") == true)
    }
}
