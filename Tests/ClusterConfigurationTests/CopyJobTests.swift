import ClusterConfiguration
import FoundationEssentials
import KubernetesYAML
import Testing

@Suite("Jobs that copy images")
struct CopyJobTests {
    private var job: CopyJob {
        var job = CopyJob(
            name: "app",
            image: "registry.example.com/tools/kbld:0.5.0",
            arguments: [
                "relocate", "-f", "/documents/0-resolved.yml", "-r", "registry.example.com/app", "--shard", "auto/8",
            ]
        )
        job.completions = 8
        job.parallelism = 4
        job.documents = [CopyJob.File(name: "0-resolved.yml", text: "image: nginx\n")]
        job.loginSecret = "registries"
        return job
    }

    @Test("an Indexed Job has a pod for each shard, and every restriction")
    func indexedJob() throws {
        let job = try #require(job.objects.last)
        let spec = try #require(job["spec"])
        #expect(spec["completionMode"] == "Indexed" && spec["completions"] == 8 && spec["parallelism"] == 4)
        #expect(spec["backoffLimitPerIndex"] == 3 && spec["backoffLimit"] == nil)
        let pod = try #require(spec["template"]?["spec"])
        #expect(pod["restartPolicy"] == "Never" && pod["automountServiceAccountToken"] == false)
        #expect(pod["securityContext"]?["runAsNonRoot"] == true)
        let container = try #require(pod["containers"]?.listValue?.first)
        #expect(container["securityContext"]?["readOnlyRootFilesystem"] == true)
        #expect(container["securityContext"]?["capabilities"] == ["drop": ["ALL"]])
        #expect(container["args"]?.listValue?.last == "auto/8")
    }

    @Test("the objects have the recorded bytes")
    func golden() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let recorded = try Data(contentsOf: folder.appending(path: "Fixtures/cluster-jobs/app.yml"))
        #expect(String(decoding: recorded, as: UTF8.self) == YAMLWriter.text(ofDocuments: job.objects))
    }

    @Test("the last run is a job of its own, and shares the objects")
    func lastRun() throws {
        var last = job
        last.completions = nil
        last.writesObjects = false
        let objects = last.objects
        #expect(objects.count == 1)
        #expect(objects[0]["metadata"]?["name"] == "app-finish")
        #expect(objects[0]["spec"]?["completionMode"] == nil && objects[0]["spec"]?["backoffLimit"] == 3)
        #expect(job.objects.count == 2)
        #expect(job.objects[0]["metadata"]?["name"] == "app-documents")
    }

    @Test("logins are written only where they are given")
    func logins() throws {
        var job = job
        #expect(!job.objects.contains { $0["kind"] == "Secret" })
        job.logins = "{}"
        let secret = try #require(job.objects.first { $0["kind"] == "Secret" })
        #expect(secret["type"] == "kubernetes.io/dockerconfigjson" && secret["metadata"]?["name"] == "registries")
    }

    @Test("all kinds of pods have a place for temporary files", arguments: [false, true])
    func temporaryFiles(isBare: Bool) throws {
        var job = isBare ? CopyJob(name: "app", image: "kbld", arguments: ["unpkg", "-i", "/data/x.tar"]) : job
        job.claim = "files"
        let pod = try #require(job.objects.last?["spec"]?["template"]?["spec"])
        let mounts = pod["containers"]?.listValue?.first?["volumeMounts"]?.listValue ?? []
        #expect(mounts.contains(["name": "temporary", "mountPath": "/tmp"]))
        #expect(mounts.contains(["name": "data", "mountPath": "/data", "readOnly": true]))
        #expect(pod["volumes"]?.listValue?.contains(["name": "temporary", "emptyDir": [:]]) == true)
    }

    @Test(
        "names of jobs are labels that leave room for a pod's number, those of claims subdomains",
        arguments: [
            ("app", [.job, .label, .subdomain]), ("a-1", [.job, .label, .subdomain]), ("", []), ("App", []),
            ("a-", []), ("-a", []), ("a_b", []), ("\u{e4}", []), ("1a", [.label, .subdomain]), ("a.b", [.subdomain]),
            ("a.", []), (".a", []), ("a..b", []), ("a-.b", []), ("0.1-x", [.subdomain]),
        ] as [(String, [ObjectName])]
    )
    func names(name: String, kinds: [ObjectName]) {
        #expect([ObjectName.job, .label, .subdomain].filter { $0.allows(name) } == kinds)
    }

    @Test(
        "names have an upper limit of length",
        arguments: [(.job, 45), (.label, 63), (.subdomain, 253)] as [(ObjectName, Int)]
    )
    func longNames(kind: ObjectName, limit: Int) {
        #expect(kind.allows(String(repeating: "a", count: limit)))
        #expect(!kind.allows(String(repeating: "a", count: limit + 1)))
        #expect(kind.requirement.hasSuffix("at most \(limit)"))
    }
}
