import Testing

@Suite("Finding images with the real program")
struct FindingTests {
    private static let digest = "sha256:" + String(repeating: "0", count: 64)

    /// Runs a script in which `$0` is the program.
    private func run(_ script: String) async throws -> Lab.Outcome {
        try await Lab.open { lab in try await lab.run("bash", ["-c", script, Lab.program]) }
    }

    @Test("lists go in and out")
    func lists() async throws {
        let outcome = try await run(
            """
            printf '# first\\nredis:7\\n\\nnginx:1 # web\\n' > images.txt; cp images.txt list
            "$0" inspect -f images.txt --format text && "$0" inspect -f list --type list --format json
            "$0" inspect -f images.txt --format hauler --find all
            """
        )
        #expect(outcome.status == 0 && outcome.log == "", "\(outcome.log)")
        #expect(
            outcome.output == """
                nginx:1
                redis:7
                {"images":[{"image":"nginx:1","resources":["/ () cluster"]},{"image":"redis:7","resources":["/ () cluster"]}]}
                apiVersion: content.hauler.cattle.io/v1
                kind: Images
                metadata:
                  name: images
                spec:
                  images:
                  - name: nginx:1
                  - name: redis:7

                """
        )
    }

    @Test("charts are rendered where helm is installed, and read for their annotations where it isn't")
    func charts() async throws {
        let outcome = try await run(
            """
            mkdir -p chart/templates bin
            printf 'name: c\\nannotations:\\n  artifacthub.io/images: |\\n    - image: r.io/a/noted:1\\n' > chart/Chart.yaml
            echo 'image: {{ .x }}' > chart/templates/a.yaml
            for program in tar gzip; do ln -s "$(command -v $program)" bin/$program; done
            tar -czf chart.tgz chart
            for input in chart chart.tgz; do
              PATH=$PWD/bin "$0" inspect -f $input --find annotations --format text
            done
            printf '#!/bin/sh\\necho "image: r.io/$2:$4"\\n' > bin/helm; chmod +x bin/helm
            PATH=$PWD/bin:$PATH "$0" inspect -f chart --find annotations --format text --helm-arg=--version --helm-arg=7
            sed -i 's/noted:1/noted@\(Self.digest)/' chart/Chart.yaml
            printf '#!/bin/sh\\necho "image: r.io/chart@\(Self.digest)"\\n' > bin/helm
            PATH=$PWD/bin:$PATH "$0" -f chart --find annotations 2> /dev/null
            """
        )
        #expect(outcome.status == 0, "\(outcome.log)")
        // What the chart says of itself is no resource.
        let printed = "---\nimage: r.io/chart@\(Self.digest)\n"
        let found = "r.io/a/noted:1\nr.io/a/noted:1\nr.io/a/noted:1\nr.io/chart:7\n"
        #expect(outcome.output == found + printed, "\(outcome.log)")
        #expect(
            outcome.log
                == ["chart", "chart.tgz"].map {
                    "kbld: Warning: helm isn't installed to render the chart '\($0)': only its annotations are read\n"
                }.joined()
        )
    }

    @Test("offline, digests and locks resolve, and nothing else; tags stay where they are wanted")
    func offline() async throws {
        let outcome = try await run(
            """
            printf 'a: {image: "r.io/a:1@\(Self.digest)"}\\nb: {image: "$(x)"}\\n' > in.yml
            "$0" -f in.yml --offline --keep-tags --allow-non-references --images-annotation=false
            echo 'image: r.io/a:2' > tag.yml; "$0" -f tag.yml --offline
            """
        )
        #expect(outcome.output == "---\na:\n  image: r.io/a:1@\(Self.digest)\nb:\n  image: $(x)\n", "\(outcome.log)")
        #expect(outcome.log.contains("kbld: Warning: 1 value is not an image reference and stays unchanged: '$(x)'\n"))
        #expect(outcome.log.contains("looking up the tag '2' needs the network, and this run is offline"))
        #expect(outcome.status == 1)
    }
}
