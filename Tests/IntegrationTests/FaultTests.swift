import FoundationEssentials
import LibC
import Testing

@Suite("Faults between the program and a registry", .serialized, .needs(.dockerRegistry, .skopeo))
struct FaultTests {
    /// A fault, the flags that go with it, and what comes of it: success, or an error with these words.
    struct Case: Sendable {
        var name: String
        var faults: [Fault]
        var flags: [String] = []
        var image = "index"
        var words: [String]?
        /// The most and the fewest requests that match the first fault's pattern.
        var requests: ClosedRange<Int>?

        init(
            _ name: String,
            _ faults: [Fault],
            _ flags: String...,
            image: String = "index",
            error words: String...,
            requests: ClosedRange<Int>? = nil
        ) {
            self.name = name
            self.faults = faults
            self.flags = flags
            self.image = image
            self.words = words.isEmpty ? nil : words
            self.requests = requests
        }
    }

    private static let blob = "/blobs/sha256"
    private static let manifest = "/manifests/"
    private static let upload = "/blobs/uploads/"
    private static let page = #""headers":{"Content-Type":"text/html"},"body":"<html>log in</html>""#
    private static let type = #""headers":{"Content-Type":"application/vnd.oci.image.manifest.v1+json"}"#

    private static let mended: [Case] = [
        Case("a reset before a blob's answer", [Fault("reset", "GET", blob)]),
        Case("a reset within a blob", [Fault("reset-body", "GET", blob)]),
        Case("a blob that ends too early", [Fault("truncate", "GET", blob)]),
        Case("a blob that ends too early, three times", [Fault("truncate", "GET", blob, times: 3)], image: "oci"),
        Case(
            "a registry that ignores ranges",
            [Fault("truncate", "GET", blob), Fault("ignore-range", "GET", blob, times: -1)],
            image: "oci"
        ),
        Case("silence before a blob", [Fault("stall", "GET", blob)], "--idle-timeout", "1"),
        Case("silence within a blob", [Fault("stall-body", "GET", blob)], "--idle-timeout", "1"),
        Case("a reset before a manifest's answer", [Fault("reset", "GET", manifest)]),
        Case("a reset within a manifest", [Fault("reset-body", "GET", manifest)]),
        Case("a manifest that ends too early", [Fault("truncate", "GET", manifest)]),
        Case("429 with seconds", [.status(429, "GET", blob, #""headers":{"Retry-After":"1"}"#)]),
        Case("503 for a manifest", [.status(503, "GET", manifest)]),
        Case("500, 502 and 504 for blobs", [500, 502, 504].map { .status($0, "GET", blob) }),
        Case("408 for a blob", [.status(408, "GET", blob)]),
        Case(
            "digests in the header that can't be compared",
            [Fault("headers", "GET", manifest, times: -1, #""headers":{"Docker-Content-Digest":"sha256:1"}"#)]
        ),
        Case(
            "no type of a manifest",
            [Fault("headers", "GET", manifest, times: -1, #""headers":{"Content-Type":null}"#)]
        ),
        Case(
            "bytes that come slowly",
            [Fault("slow", "GET", blob, times: -1, #""pieces":6,"pause":0.5"#)],
            "--idle-timeout",
            "2",
            image: "oci"
        ),
    ]

    private static let told: [Case] = [
        Case("an altered blob", [Fault("corrupt", "GET", blob)], error: "digest mismatch", requests: 1...9),
        Case("a blob that is longer", [Fault("longer", "GET", blob)], error: "longer than the"),
        Case("a blob that is shorter", [Fault("short", "GET", blob, times: -1)], error: "ended after"),
        Case("an altered manifest", [Fault("corrupt", "GET", manifest)], error: "manifests/sha256", requests: 1...1),
        Case("a manifest that is longer", [Fault("longer", "GET", manifest)], error: "digest mismatch"),
        Case("a manifest that is shorter", [Fault("short", "GET", manifest)], error: "digest mismatch"),
        Case("resets for good", [Fault("reset", "GET", blob, times: -1)], "--retries", "1", error: "reset", "/blobs/"),
        Case("403 for a blob", [.status(403, "GET", blob, times: -1)], error: "403 Forbidden", requests: 1...4),
        Case("404 for a manifest", [.status(404, "GET", manifest, times: -1)], error: "404", requests: 1...1),
        Case(
            "a Retry-After of an hour",
            [.status(429, "GET", manifest, times: -1, #""headers":{"Retry-After":"3600"}"#)],
            error: "429",
            "wait 3600 seconds",
            requests: 1...1
        ),
        Case(
            "503 for good",
            [.status(503, "GET", manifest, times: -1)],
            "--retries",
            "2",
            error: "503",
            requests: 3...3
        ),
        Case(
            "a page instead of a manifest",
            [Fault("answer", "GET", manifest, times: -1, page)],
            error: "HTML page"
        ),
        Case("a page instead of a blob", [Fault("answer", "GET", blob, times: -1, page)], error: "HTML page"),
        Case(
            "a manifest of 9 MiB",
            [Fault("answer", "GET", manifest, times: -1, type, #""size":9437184"#)],
            error: "longer than 8388608 bytes"
        ),
        Case(
            "JSON that is nested 200,000 deep",
            [Fault("answer", "GET", manifest, times: -1, type, #""nested":200000"#)],
            error: "digest mismatch"
        ),
        Case(
            "redirects without end",
            [Fault("redirect", "GET", blob, times: -1, #""location":"{path}""#)],
            error: "more than 10 redirects"
        ),
        Case(
            "a redirect to a port that can't be",
            [Fault("redirect", "GET", blob, times: -1, #""location":"http://127.0.0.1:99999/x""#)],
            error: "redirect"
        ),
        Case(
            "another range than was asked for",
            [Fault("truncate", "GET", blob, skip: 1), Fault("wrong-range", "GET", blob, times: -1)],
            image: "oci",
            error: "answers with the range 'bytes 7-"
        ),
    ]

    @Test("a download that is disturbed arrives all the same, byte for byte")
    func disturbedDownloads() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let images = try await lab.push("basic", to: backend)
                for fault in Self.mended {
                    let reference = try #require(images[fault.image])
                    try lab.write("image: \(reference)\n", to: "direct.yml")
                    #expect(try await lab.kbld("pkg", "-f", "direct.yml", "-o", "direct.tar").status == 0)
                    try await lab.faulty(backend, fault.faults) { host in
                        try lab.write("image: \(reference.replacing(backend, with: host))\n", to: "in.yml")
                        let outcome = try await lab.run(
                            Lab.program,
                            ["pkg", "-f", "in.yml", "-o", "p.tar"] + fault.flags
                        )
                        #expect(outcome.status == 0, "\(fault.name): \(outcome.log)")
                        let bytes = String(decoding: try lab.read("p.tar"), as: UTF8.self)
                        let direct = String(decoding: try lab.read("direct.tar"), as: UTF8.self)
                        #expect(bytes.replacing(host, with: backend) == direct, "\(fault.name)")
                        #expect(
                            try lab.requests().contains { $0.contains(" \(fault.faults[0].kind) ") },
                            "\(fault.name)"
                        )
                    }
                }
            }
        }
    }

    @Test("a download that can't be right is refused, and leaves no file")
    func wrongDownloads() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let images = try await lab.push("basic", to: backend)
                for fault in Self.told {
                    let reference = try #require(images[fault.image])
                    try await lab.faulty(backend, fault.faults) { host in
                        try lab.write("image: \(reference.replacing(backend, with: host))\n", to: "in.yml")
                        let outcome = try await lab.run(
                            Lab.program,
                            ["pkg", "-f", "in.yml", "-o", "p.tar"] + fault.flags
                        )
                        #expect(outcome.status == 1, "\(fault.name): \(outcome.log)")
                        #expect(outcome.output == "")
                        for word in (fault.words ?? []) + ["kbld: Error: ", host] {
                            #expect(outcome.log.contains(word), "\(fault.name): \(word) in \(outcome.log)")
                        }
                        #expect(try lab.files().filter { $0.contains("p.tar") } == [], "\(fault.name)")
                        let seen = try lab.requests().filter { $0.contains(" \(fault.faults[0].kind) ") }.count
                        if let requests = fault.requests { #expect(requests.contains(seen), "\(fault.name): \(seen)") }
                    }
                }
            }
        }
    }

    private static let arriving: [Case] =
        [("HEAD", manifest), ("HEAD", blob), ("POST", upload), ("PUT", upload), ("PUT", manifest)]
        .flatMap { method, path in
            [
                Case("a reset at \(method) \(path)", [Fault("reset", method, path)]),
                Case("503 at \(method) \(path)", [.status(503, method, path)]),
                Case(
                    "429 at \(method) \(path)",
                    [.status(429, method, path, #""headers":{"Retry-After":"0"}"#)]
                ),
            ]
        } + [
            Case("403 for good at HEAD of manifests", [.status(403, "HEAD", manifest, times: -1)]),
            Case("403 for good at HEAD of blobs", [.status(403, "HEAD", blob, times: -1)]),
            Case("a blob's answer that is lost", [Fault("lose", "PUT", upload)]),
            Case("a manifest's answer that is lost", [Fault("lose", "PUT", manifest)]),
            Case("upload sessions that are lost", [.status(404, "PUT", upload, times: 2)]),
            Case("bytes that are altered on the way", [Fault("garble", "PUT", upload)]),
            Case("an upload that is redirected", [Fault("redirect", "PUT", upload, #""location":"{path}&again=1""#)]),
            Case(
                "manifests refused by digest, as AWS ECR does",
                [.status(400, "PUT", "/manifests/sha256:", times: -1, #""body":"{}""#)]
            ),
            Case("a registry that stops reading", [Fault("deaf", "PUT", upload)], "--idle-timeout", "1", image: "big0"),
            Case("a refusal before the body is read", [Fault("early", "PUT", upload, #""status":503"#)], image: "big0"),
        ]

    private static let refused: [Case] =
        [("POST", upload), ("PUT", upload), ("PUT", manifest)]
        .map { method, path in
            Case(
                "403 at \(method) \(path)",
                [.status(403, method, path, times: -1)],
                error: "\(method) ",
                "403 Forbidden"
            )
        } + [
            Case(
                "sessions that are always lost",
                [.status(404, "PUT", upload, times: -1)],
                "--retries",
                "1",
                "--concurrency",
                "1",
                error: "404 Not Found",
                requests: 2...4
            ),
            Case(
                "manifests refused by digest and by tag",
                [.status(400, "PUT", manifest, times: -1)],
                error: "and by digest",
                "may not accept manifests of the type"
            ),
            Case(
                "a registry without indexes",
                [.status(415, "PUT", "/manifests/kbld-", times: -1)],
                error: "multi-platform images",
                "--platform"
            ),
            Case(
                "413 before the body is read",
                [Fault("early", "PUT", upload, times: -1, #""status":413"#)],
                image: "big0",
                error: "413"
            ),
            Case(
                "a captive portal",
                ["HEAD", "GET", "POST", "PUT"].map { Fault("answer", $0, "", times: -1, page) },
                error: "HTML page"
            ),
            Case(
                "an upload at a port that can't be",
                [Fault("headers", "POST", upload, times: -1, #""headers":{"Location":"http://127.0.0.1:99999/x"}"#)],
                error: "no usable Location"
            ),
            Case(
                "redirects of an upload without end",
                [Fault("redirect", "POST", upload, times: -1, #""location":"{path}""#)],
                error: "redirects"
            ),
        ]

    @Test("an upload that is disturbed arrives all the same")
    func disturbedUploads() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let images = try await packages(lab, backend)
                for (position, fault) in Self.arriving.enumerated() {
                    let reference = try #require(images[fault.image])
                    try await lab.faulty(backend, fault.faults) { host in
                        let outcome = try await install(lab, fault, host, "moved/x\(position)")
                        #expect(outcome.status == 0, "\(fault.name): \(outcome.log)")
                        let digest = reference.split(separator: "@")[1]
                        #expect(outcome.output == "---\nimage: \(host)/moved/x\(position)@\(digest)\n", "\(fault.name)")
                        let tag = "\(backend)/moved/x\(position):kbld-sha256-\(digest.dropFirst(7))"
                        #expect(try await lab.rawManifest(tag) == lab.rawManifest(reference), "\(fault.name)")
                        #expect(
                            try lab.requests().contains { $0.contains(" \(fault.faults[0].kind) ") },
                            "\(fault.name)"
                        )
                    }
                }
            }
        }
    }

    @Test("an upload that is refused is reported, prints no YAML and tags nothing")
    func refusedUploads() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await packages(lab, backend)
                for (position, fault) in Self.refused.enumerated() {
                    try await lab.faulty(backend, fault.faults) { host in
                        let outcome = try await install(lab, fault, host, "refused/x\(position)")
                        #expect(outcome.status == 1, "\(fault.name): \(outcome.log)")
                        #expect(outcome.output == "", "\(fault.name)")
                        for word in (fault.words ?? []) + ["kbld: Error: ", host] {
                            #expect(outcome.log.contains(word), "\(fault.name): \(word) in \(outcome.log)")
                        }
                        #expect(try await lab.tags("\(backend)/refused/x\(position)") == [], "\(fault.name)")
                        let seen = try lab.requests().filter { $0.contains(" \(fault.faults[0].kind) ") }.count
                        if let requests = fault.requests { #expect(requests.contains(seen), "\(fault.name): \(seen)") }
                    }
                }
            }
        }
    }

    @Test("a registry that keeps a manifest under another digest is reported")
    func changedDigest() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await packages(lab, backend)
                let other = #""headers":{"Docker-Content-Digest":"sha256:\#(String(repeating: "1", count: 64))"}"#
                let fault = Case("", [Fault("headers", "PUT", "/manifests/kbld", times: -1, other)])
                try await lab.faulty(backend, fault.faults) { host in
                    let outcome = try await install(lab, fault, host, "changed/x")
                    #expect(outcome.status == 1)
                    #expect(outcome.output == "")
                    #expect(outcome.log.contains("under the digest sha256:1111"), "\(outcome.log)")
                }
            }
        }
    }

    @Test(
        "a digest header without a manifest's type, or on a page, resolves nothing",
        arguments: ["text/html", "text/plain"]
    )
    func digestWithoutType(type: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let digest = #""Docker-Content-Digest":"sha256:\#(String(repeating: "1", count: 64))""#
                let more = #""headers":{"Content-Type":"\#(type)",\#(digest)},"body":"hello""#
                let faults = ["HEAD", "GET"].map { Fault("answer", $0, "/manifests/", times: -1, more) }
                try await lab.faulty(backend, faults) { host in
                    try lab.write("image: \(host)/lib/app:1\n", to: "in.yml")
                    let outcome = try await lab.kbld("-f", "in.yml")
                    #expect(outcome.status == 1)
                    #expect(outcome.output == "")
                    #expect(
                        outcome.log.contains(type == "text/html" ? "HTML page" : "malformed"),
                        "\(outcome.log)"
                    )
                }
            }
        }
    }

    @Test(
        "what is refused with 429 is sent again when the registry wants it, not sooner",
        arguments: ["seconds", "a date", "RFC 850's date"]
    )
    func patience(form: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("basic", to: backend)
                let wait = form == "seconds" ? "2" : Self.date(in: 3, longAgo: form != "a date")
                let fault = Fault.status(429, "HEAD", "/manifests/", #""headers":{"Retry-After":"\#(wait)"}"#)
                try await lab.faulty(backend, [fault]) { host in
                    try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
                    let start = ContinuousClock.now
                    let outcome = try await lab.kbld("-f", "in.yml")
                    #expect(outcome.status == 0, "\(outcome.log)")
                    #expect(ContinuousClock.now - start >= .seconds(1))
                    #expect(try lab.requests().filter { $0.hasPrefix("HEAD ") }.count == 2)
                }
            }
        }
    }

    /// A date `seconds` from now, as HTTP has it now or had it long ago.
    private static func date(in seconds: Int, longAgo: Bool) -> String {
        var moment = time(nil) + seconds
        var parts = tm()
        gmtime_r(&moment, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let form = longAgo ? "%A, %d-%b-%y %H:%M:%S GMT" : "%a, %d %b %Y %H:%M:%S GMT"
        let count = strftime(&text, text.count, form, &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test("thirty unpackages at once into one repository all succeed")
    func manyAtOnce() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let images = try await lab.push("basic", to: backend)
                let names = images.keys.sorted()
                for name in names {
                    try lab.write("image: \(images[name] ?? "")\n", to: name + ".yml")
                    #expect(try await lab.kbld("pkg", "-f", name + ".yml", "-o", name + ".tar").status == 0)
                }
                let repository = backend + "/all/at-once"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for run in 0..<30 {
                        let name = names[run % names.count]
                        group.addTask {
                            let outcome = try await lab.kbld(
                                "unpkg",
                                "-f",
                                name + ".yml",
                                "-i",
                                name + ".tar",
                                "-r",
                                repository
                            )
                            let digest = (images[name] ?? "").split(separator: "@")[1]
                            #expect(outcome.status == 0, "\(outcome.log)")
                            #expect(outcome.output == "---\nimage: \(repository)@\(digest)\n")
                        }
                    }
                    try await group.waitForAll()
                }
                for reference in images.values {
                    let digest = reference.split(separator: "@")[1]
                    let moved = try await lab.rawManifest("\(repository)@\(digest)")
                    #expect(try await moved == lab.rawManifest(reference))
                }
                #expect(
                    try await lab.tags(repository).count == Set(images.values.map { $0.split(separator: "@")[1] }).count
                )
            }
        }
    }

    /// Packages of images, `NAME.tar` of `NAME.yml`; gives the images.
    private func packages(_ lab: Lab, _ backend: String) async throws -> [String: String] {
        var images = try await lab.push("basic", to: backend)
        images.merge(try await lab.push("big", to: backend, ["--scale", "12"])) { $1 }
        for name in ["index", "big0"] {
            try lab.write("image: \(images[name] ?? "")\n", to: name + ".yml")
            let outcome = try await lab.kbld("pkg", "-f", name + ".yml", "-o", name + ".tar")
            try #require(outcome.status == 0, "\(outcome.log)")
        }
        return images
    }

    private func install(_ lab: Lab, _ fault: Case, _ host: String, _ path: String) async throws -> Lab.Outcome {
        let arguments = ["unpkg", "-f", fault.image + ".yml", "-i", fault.image + ".tar", "-r", "\(host)/\(path)"]
        return try await lab.run(Lab.program, arguments + fault.flags)
    }
}
