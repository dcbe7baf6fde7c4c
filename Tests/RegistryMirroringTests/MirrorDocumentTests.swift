import ContainerImage
import ImageTransfer
import ReferenceChecks
import RegistryMirroring
import Testing

@Suite("Mirror documents")
struct MirrorDocumentTests {
    private static let head = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\ntarget: registry.local/mirror\n"

    private func error(_ text: String) -> String? {
        do {
            _ = try MirrorDocument(reading: Array(text.utf8), file: "mirror.yml")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("All that a document may say")
    func whole() throws {
        let text =
            Self.head + """
                layout: mirror-with-host
                platforms: [linux/amd64]
                sparse: true
                companions: [referrers, cosign]
                immutable: ["v*"]
                requestsPerSecond: {docker.io: 5, quay.io: 2.5}
                images:
                - repository: docker.io/library/nginx
                  tags: {semver: ">=1.27 <2", match: ["*-alpine"], except: ["*-rc*"], newest: 3}
                - image: quay.io/org/tool@sha256:\(String(repeating: "a", count: 64))
                - documents: [deploy/]
                  charts: [charts/app-1.2.tgz]
                - repository: quay.io/org/app
                  tags: [v1, latest]
                prune: {keep: {newest: 5, olderThan: 90d}, protect: ["stable", "v1.*"]}
                """
        let document = try MirrorDocument(reading: Array(text.utf8), file: "mirror.yml")
        #expect(document.entries.count == 4)
        #expect(document.artifacts.isSparse && document.artifacts.takesCosign && document.artifacts.takesReferrers)
        #expect(document.prune.newest == 5 && document.prune.olderThan?.seconds == 90 * 86400)
        #expect(try "\(document.destination(of: .init("nginx")))" == "registry.local/mirror/docker.io/library/nginx")
        #expect(document.requestsPerSecond.count == 2)
        let rest = document.text(with: [])
        #expect(try MirrorDocument(reading: Array(rest.utf8), file: "rest.yml").entries.isEmpty)
    }

    @Test(
        "Mistakes are told with file, line and what was meant",
        arguments: [
            (
                "images:\n- repository: a/b\n  tags: {semvr: 1.x}",
                "line 6: images[0].tags: unknown key 'semvr'; did you mean 'semver'? "
            ),
            ("imagse: []", "line 4: unknown key 'imagse'; did you mean 'images'? "),
            (
                "layout: miror",
                "line 4: layout: 'miror' is none of flat, mirror, mirror-with-host; did you mean 'mirror'?"
            ),
            ("images:\n- repository: a/b\n  image: a/b:1", "line 5: images[0]: expected one of repository, image, or"),
            (
                "images:\n- repository: a/b\n  tags:\n    newest: 0",
                "line 7: images[0].tags.newest: expected a whole number"
            ),
            (
                "images:\n- repository: a/b\n  tags:\n    regex: '['",
                "line 7: images[0].tags.regex: '[' is not a regular"
            ),
            ("prune: {keep: {olderThan: 90}}", "line 4: prune.keep.olderThan: "),
            ("companions: [referers]", "line 4: companions[0]: 'referers' is none of referrers, cosign; did you mean"),
            ("sparse: true", "line 1: sparse needs platforms"),
            ("images: x", "line 4: images: expected a list"),
            ("map: {library/nginx: n}", "line 4: map.library/nginx: 'library/nginx' must begin with a registry"),
            ("map: {docker.io/a: Web}", "line 4: map.docker.io/a: "),
        ]
    )
    func mistakes(text: String, message: String) {
        let found = error(Self.head + text)
        #expect(found?.hasPrefix("Reading 'mirror.yml', " + message) == true, "\(found ?? "no error")")
    }

    @Test("What is mapped goes where that says, with all below it; the longest name counts")
    func map() throws {
        let text = Self.head + "map: {docker.io/library: hub/, docker.io/library/nginx: web, q.io: quay}\n"
        let document = try MirrorDocument(reading: Array(text.utf8), file: "mirror.yml")
        let places = ["nginx", "redis", "docker.io/team/app", "q.io/team/app", "r.io/app"].map { name in
            Result { try "\(document.destination(of: Repository(name)))" }
        }
        let expected = ["web", "hub/redis", "docker.io/team/app", "quay/team/app", "r.io/app"]
        #expect(try places.map { try $0.get() } == expected.map { "registry.local/mirror/\($0)" })
        // It goes on for the document of the rest.
        let rest = try MirrorDocument(reading: Array(document.text(with: []).utf8), file: "rest.yml")
        #expect(try "\(rest.destination(of: Repository("nginx")))" == "registry.local/mirror/web")
    }

    @Test("Other kinds, and several documents, are refused")
    func kinds() {
        #expect(error("apiVersion: v1\nkind: Mirror")?.contains("expected apiVersion") == true)
        #expect(error("apiVersion: kbld.k14s.io/v1alpha1\nkind: Config")?.contains("expected kind: Mirror") == true)
        #expect(error(Self.head + "---\n" + Self.head)?.contains("found 2") == true)
        #expect(error("")?.contains("found 0") == true)
    }
}
