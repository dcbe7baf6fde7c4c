import KbldConfiguration
import KubernetesYAML
import RegistryMirroring
import Testing

@Suite("Files of other programs as mirror documents")
struct MirrorImportTests {
    private func translated(
        _ text: String,
        from format: MirrorImport.Format
    ) throws -> (images: [String], remarks: [String], target: String) {
        let found = try MirrorImport(try YAMLReader.values(in: text, file: "f"), from: format, file: "in/sync one.yml")
        let text = found.text(target: nil)
        let document = try MirrorDocument(reading: Array(text.utf8), file: "mirror.yml")
        // Nothing has to be added before its tags can be pruned.
        try document.checkName(file: "mirror.yml")
        #expect(document.name == "sync-one")
        return (
            found.images.map { JSONWriter.compactText(of: $0) }, found.remarks, "\(document.target) \(document.layout)"
        )
    }

    @Test("regsync")
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
              tags: {allow: ["v1.*"], deny: [".*-rc"]}
            - {source: "quay.io/org/tool:1", target: "r.local/else:1", type: image}
            - {source: quay.io, target: r.local, type: registry}
            """,
            from: .regsync
        )
        #expect(found.target == "r.local/mirror mirror")
        #expect(
            found.images == [
                #"{"image":"busybox:1.36"}"#,
                #"{"repository":"quay.io/org/app","tags":{"exceptRegex":[".*-rc"],"regex":["v1.*"]}}"#,
            ]
        )
        #expect(found.remarks.count == 4)
    }

    @Test("skopeo sync")
    func skopeo() throws {
        let found = try translated(
            """
            registry.example.com:
              images:
                busybox: []
                redis: ["1.0", "sha256:\(String(repeating: "a", count: 64))"]
              images-by-tag-regex:
                nginx: ^1\\.13
              images-by-semver:
                alpine: ">= 3.12.0"
              credentials: {username: a, password: b}
            """,
            from: .skopeo
        )
        #expect(
            found.images == [
                #"{"repository":"registry.example.com/busybox"}"#,
                #"{"image":"registry.example.com/redis@sha256:\#(String(repeating: "a", count: 64))"}"#,
                #"{"repository":"registry.example.com/redis","tags":["1.0"]}"#,
                #"{"repository":"registry.example.com/nginx","tags":{"regex":"(?:1\\.13).*"}}"#,
                #"{"repository":"registry.example.com/alpine","tags":{"semver":"\u003e= 3.12.0"}}"#,
            ]
        )
        #expect(found.remarks.count == 1)
    }

    @Test("image-syncer")
    func imageSyncer() throws {
        let found = try translated(
            """
            quay.io/coreos/etcd:v1,v2: r.local/mirror/coreos/etcd
            quay.io/coreos/flannel: r.local/mirror/coreos/flannel
            quay.io/coreos/dex:/v.*/: [r.local/mirror/coreos/dex, r.local/two]
            """,
            from: .imageSyncer
        )
        #expect(found.images.count == 3 && found.remarks.count == 1, "\(found)")
        #expect(found.target == "r.local/mirror mirror")
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

    @Test("hauler and ImageSetConfiguration")
    func others() throws {
        let hauler = try translated(
            """
            apiVersion: content.hauler.cattle.io/v1
            kind: Images
            spec: {images: [{name: "busybox:latest", platform: linux/amd64}, {name: "alpine:3", key: k.pub}]}
            ---
            apiVersion: content.hauler.cattle.io/v1
            kind: Charts
            spec: {charts: [{name: rancher, repoURL: "https://x"}]}
            """,
            from: .hauler
        )
        #expect(hauler.images.count == 2 && hauler.remarks.count == 2)
        let set = try translated(
            """
            kind: ImageSetConfiguration
            apiVersion: mirror.openshift.io/v1alpha2
            mirror:
              platform: {channels: [{name: stable-4.12}]}
              operators: [{catalog: r.io/index:v4}]
              additionalImages: [{name: r.io/ubi8/ubi:latest}]
              helm: {local: [{name: app, path: app.tgz}]}
            """,
            from: .imageset
        )
        #expect(set.images.count == 2 && set.remarks.count == 2)
    }

    @Test("Other files are refused", arguments: MirrorImport.Format.allCases)
    func foreign(format: MirrorImport.Format) {
        #expect(throws: MirrorImportError.self) { try translated("a: {b: 1}", from: format) }
    }
}
