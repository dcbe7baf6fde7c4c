import Testing

@Suite("Lists of tags", .needs(.dockerRegistry, .skopeo))
struct TagListTests {
    /// What choosing a tag gives when the registry's list has this `Link`.
    private func choose(_ link: String, times: Int = 1) async throws -> Lab.Outcome {
        try await Lab.open { lab in
            try await lab.registry { backend in
                for tag in ["1.0.0", "1.1.0"] {
                    let image = try #require(try await lab.push("basic", to: backend)["oci"])
                    let copy = ["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", "docker://\(image)"]
                    try await lab.succeed("skopeo", copy + ["docker://\(backend)/v/app:\(tag)"])
                }
                let headers = #""headers":{"Link":"\#(link)"}"#
                return try await lab.faulty(backend, [Fault("headers", "GET", "n=1000", times: times, headers)]) {
                    host in
                    let override =
                        "{image: app, newImage: '\(host)/v/app', tagSelection: {semver: {constraints: '1.x'}}}"
                    let head = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n"
                    try lab.write(head + "overrides:\n- \(override)\n", to: "conf.yml")
                    try lab.write("image: app\n", to: "in.yml")
                    let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
                    let asked = try lab.requests().filter { $0.contains("/tags/list") }
                    let log = outcome.log + asked.joined(separator: "\n")
                    return Lab.Outcome(status: outcome.status, output: outcome.output, log: log)
                }
            }
        }
    }

    @Test(
        "the next page is the one whose relation says so",
        arguments: [
            #"</v2/v/app/tags/list?p=back>; rel=\"prev\", </v2/v/app/tags/list?p=on>; rel=\"next\""#,
            #"</v2/v/app/tags/list?p=on>; rel=next"#, #"</v2/v/app/tags/list?p=on>; title=\"a\"; REL=\"last next\""#,
        ]
    )
    func next(link: String) async throws {
        let outcome = try await choose(link)
        #expect(
            outcome.status == 0 && outcome.log.contains("?p=on") && !outcome.log.contains("?p=back"),
            "\(outcome.log)"
        )
    }

    @Test(
        "other relations lead nowhere",
        arguments: [#"</v2/v/app/tags/list?p=on>; rel=\"prev\""#, #"</v2/v/app/tags/list?p=on>; rel=nextish"#]
    )
    func noNext(link: String) async throws {
        let outcome = try await choose(link)
        #expect(outcome.status == 0 && !outcome.log.contains("?p=on"), "\(outcome.log)")
    }

    @Test("a list that leads to itself ends in an error")
    func loop() async throws {
        let endless = try await choose(#"</v2/v/app/tags/list?n=1000&again>; rel=\"next\""#, times: -1)
        #expect(endless.status == 1 && endless.log.contains("never ends"), "\(endless.log)")
    }
}
