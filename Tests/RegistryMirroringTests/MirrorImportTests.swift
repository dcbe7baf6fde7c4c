import ContainerImage
import KbldConfiguration
import KubernetesYAML
import RegistryMirroring
import Testing

@Suite("Files of other programs as mirror documents")
struct MirrorImportTests {
    private func translated(
        _ text: String,
        from format: MirrorImport.Format
    ) throws -> (images: [String], remarks: [String], target: String, places: [String]) {
        let found = try MirrorImport(try YAMLReader.values(in: text, file: "f"), from: format, file: "in/sync one.yml")
        let text = found.text(target: nil)
        let document = try MirrorDocument(reading: Array(text.utf8), file: "mirror.yml")
        // Nothing has to be added before its tags can be pruned.
        try document.checkName(file: "mirror.yml")
        #expect(document.name == "sync-one")
        let places = try document.entries.compactMap { entry -> String? in
            switch entry.content {
            case .repository(let name, _): "\(try document.destination(of: name))"
            case .image(let reference): "\(try document.destination(of: reference.repository))"
            case .documents: nil
            }
        }
        return (
            found.images.map { JSONWriter.compactText(of: $0) }, found.remarks,
            "\(document.target) \(document.layout)", places
        )
    }

    @Test("regsync: each step goes where it says, tags by any of their sets")
    func regsync() throws {
        let found = try translated(
            """
            version: 1
            creds: [{registry: r.local}]
            defaults: {parallel: 2, digestTags: true, interval: 60m}
            sync:
            - {source: "busybox:1.36", target: "r.local/mirror/library/busybox:1.36", type: image}
            - source: quay.io/org/app
              target: r.local/mirror/org/app
              type: repository
              tags: {allow: ["v1.*", "a|b"], deny: [".*-rc"]}
              tagSets: [{semverRange: [">=1.0.0 <2.0.0", ">=4"]}]
            - {source: "quay.io/org/tool:1", target: "r.local/mirror/else:1", type: image}
            - {source: "quay.io/org/other:1", target: "r.local/mirror/org/other:2", type: image}
            - {source: "quay.io/org/far:1", target: "q.local/org/far:1", type: image}
            - {source: quay.io, target: r.local, type: registry}
            """,
            from: .regsync
        )
        #expect(found.target == "r.local/mirror mirror")
        let prefix = #"{"repository":"quay.io/org/app","tags":{"#
        #expect(
            found.images == [
                #"{"image":"busybox:1.36"}"#,
                prefix + #""prereleases":true,"semver":"\u003e=1.0.0 \u003c2.0.0 || \u003e=4","shortVersions":true}}"#,
                prefix + #""exceptRegex":[".*-rc"],"regex":["v1.*",".*(?:^a|b$).*"]}}"#,
                #"{"image":"quay.io/org/tool:1"}"#,
            ]
        )
        let app = "r.local/mirror/org/app"
        #expect(found.places == ["r.local/mirror/library/busybox", app, app, "r.local/mirror/else"])
        #expect(found.remarks.count == 6, "\(found.remarks)")
        #expect(found.remarks.contains { $0.contains("a mirror has one target, which is in r.local") })
    }

    @Test("skopeo sync: images go by the last part of their names")
    func skopeo() throws {
        let found = try translated(
            """
            registry.example.com:
              images:
                team/busybox: []
                redis: ["1.0", "sha256:\(String(repeating: "a", count: 64))"]
              images-by-tag-regex:
                nginx: ^1\\.13
                apache: ^a|b
              images-by-semver:
                alpine: ">= 3.12.0"
              credentials: {username: a, password: b}
            """,
            from: .skopeo
        )
        #expect(
            found.images == [
                #"{"image":"registry.example.com/redis@sha256:\#(String(repeating: "a", count: 64))"}"#,
                #"{"repository":"registry.example.com/redis","tags":["1.0"]}"#,
                #"{"repository":"registry.example.com/team/busybox"}"#,
                #"{"repository":"registry.example.com/apache","tags":{"regex":[".*(?:^a|b).*"]}}"#,
                #"{"repository":"registry.example.com/nginx","tags":{"regex":["(?:1\\.13).*"]}}"#,
                #"{"repository":"registry.example.com/alpine","tags":{"semver":"\u003e= 3.12.0","shortVersions":true}}"#,
            ]
        )
        let names = ["redis", "redis", "busybox", "apache", "nginx", "alpine"]
        #expect(found.places == names.map { "registry.example.com/mirror/\($0)" })
        #expect(found.remarks.count == 2, "\(found.remarks)")
    }

    @Test("image-syncer: each rule goes where it says; one repository has one place")
    func imageSyncer() throws {
        let found = try translated(
            """
            quay.io/coreos/etcd:v1,v2: r.local/mirror/coreos/etcd
            quay.io/coreos/flannel: r.local/mirror/net/flannel
            quay.io/coreos/dex:/v.*/: [r.local/mirror/coreos/dex, r.local/two]
            quay.io/coreos/dns:v1,v2: r.local/mirror/coreos/dns:v1,v2
            quay.io/coreos/old:v1: r.local/mirror/coreos/old:v2
            quay.io/coreos/etcd:v3: r.local/mirror/coreos/etcd3
            """,
            from: .imageSyncer
        )
        #expect(found.target == "r.local/mirror mirror")
        #expect(
            found.places == ["coreos/dex", "coreos/dns", "coreos/etcd", "net/flannel"].map { "r.local/mirror/\($0)" }
        )
        #expect(found.images[1] == #"{"repository":"quay.io/coreos/dns","tags":["v1","v2"]}"#)
        #expect(found.remarks.count == 3, "\(found.remarks)")
    }

    @Test("A single rule's place is the one that it names, whatever the source is called")
    func single() throws {
        let found = try translated("quay.io/a/b: r.local/c/d", from: .imageSyncer)
        #expect(found.places == ["r.local/c/d"] && found.target == "r.local/c mirror")
    }

    @Test("Expressions of Go's that can't be read are listed, and the rest is a document")
    func expressions() throws {
        let found = try translated("r.io: {images-by-tag-regex: {a: '(?P<x>', b: v1}}", from: .skopeo)
        #expect(found.images.count == 1 && found.remarks.first?.contains("is not a regular expression") == true)
    }

    @Test("What comes from standard input is called as its program is", arguments: MirrorImport.Format.allCases)
    func unnamed(format: MirrorImport.Format) throws {
        let texts: [MirrorImport.Format: String] = [
            .regsync: "sync: []", .skopeo: "r.io: {images: {}}", .imageSyncer: "r.io/a: r.local/a",
            .hauler: "apiVersion: content.hauler.cattle.io/v1\nkind: Images\nspec: {}",
            .imageset: "kind: ImageSetConfiguration\nmirror: {}",
        ]
        let values = try YAMLReader.values(in: try #require(texts[format]), file: "stdin")
        let text = try MirrorImport(values, from: format, file: "stdin").text(target: "r.local/m")
        #expect(try MirrorDocument(reading: Array(text.utf8), file: "stdin").name == format.rawValue)
    }

    @Test("hauler: images go without their registries")
    func hauler() throws {
        let found = try translated(
            """
            apiVersion: content.hauler.cattle.io/v1
            kind: Images
            metadata: {annotations: {hauler.dev/registry: r.io}}
            spec:
              images:
              - {name: "team/app:latest", platform: linux/amd64}
              - {name: "docker.io/alpine:3", key: k.pub}
              - {name: "q.io/tool:1", rewrite: other/tool:1}
            ---
            apiVersion: content.hauler.cattle.io/v1
            kind: Charts
            spec: {charts: [{name: rancher, repoURL: "https://x"}]}
            """,
            from: .hauler
        )
        #expect(found.images.first == #"{"image":"r.io/team/app:latest"}"#)
        #expect(found.places == ["team/app", "library/alpine", "tool"].map { "registry.example.com/mirror/\($0)" })
        #expect(found.remarks.count == 3, "\(found.remarks)")
    }

    @Test("ImageSetConfiguration: images go without their registries, or where the file says; blocked ones don't")
    func imageSet() throws {
        let found = try translated(
            """
            kind: ImageSetConfiguration
            apiVersion: mirror.openshift.io/v1alpha2
            mirror:
              platform: {channels: [{name: stable-4.12}]}
              operators: [{catalog: r.io/index:v4}]
              additionalImages:
              - {name: "r.io/ubi8/ubi:latest"}
              - {name: "docker.io/nginx:1"}
              - {name: "r.io/team/app:1", targetRepo: apps/app}
              - {name: "r.io/team/old:1", targetTag: "2"}
              - {name: "r.io/alpine:3"}
              - {name: "r.io/d@sha256:\(String(repeating: "a", count: 64))"}
              blockedImages: [{name: "alp.*"}]
              helm: {local: [{name: app, path: app.tgz}]}
            """,
            from: .imageset
        )
        #expect(found.places == ["ubi8/ubi", "nginx", "apps/app", "d"].map { "registry.example.com/mirror/\($0)" })
        #expect(found.images.last == #"{"charts":["app.tgz"]}"# && found.target.hasSuffix(" mirror"))
        #expect(found.remarks.count == 5, "\(found.remarks)")
    }

    @Test("Other files are refused", arguments: MirrorImport.Format.allCases)
    func foreign(format: MirrorImport.Format) {
        #expect(throws: MirrorImportError.self) { try translated("a: {b: 1}", from: format) }
    }
}
