import FoundationEssentials
import KbldWorkflows
import Testing

@Suite("Programs of runtimes")
struct RuntimeProgramTests {
    @Test(
        "kind's nodes are run by what the variable names, else by the first that there is; an unknown name is passed over",
        arguments: [
            (nil, ["podman", "nerdctl"], "nerdctl"), ("", ["podman"], "podman"),
            ("podman", ["docker", "podman"], "podman"),
            ("unknown", ["docker", "podman"], "docker"), ("finch", ["docker", "finch"], "finch"),
        ] as [(String?, [String], String)]
    )
    func provider(_ named: String?, _ programs: [String], _ expected: String) throws {
        let folder = try Folder()
        for program in programs {
            let file = try folder.write("", to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        var variables = ["PATH": "/nowhere:\(folder.path)"]
        variables["KIND_EXPERIMENTAL_PROVIDER"] = named
        #expect(try LoadWorkflow.kindProvider(variables) == expected)
    }

    @Test("a provider of kind that isn't there is named before anything is loaded")
    func noProvider() {
        func words(_ variables: [String: String]) -> String? {
            do { return "unexpected: \(try LoadWorkflow.kindProvider(variables))" } catch { return "\(error)" }
        }
        #expect(
            words(["PATH": "/nowhere"])
                == "There is no program 'docker' or 'nerdctl' or 'podman' in PATH, which loads the images"
        )
        #expect(
            words(["PATH": "/nowhere", "KIND_EXPERIMENTAL_PROVIDER": "podman"])
                == "There is no program 'podman' in PATH, which loads the images"
        )
    }

    @Test("kind gets a name only where one is given")
    func kindName() {
        #expect(LoadWorkflow.kindName(nil) == [])
        #expect(LoadWorkflow.kindName("dev") == ["--name", "dev"])
    }

    @Test(
        "a server isn't there where nothing listens at its socket, and for no other reason",
        arguments: [
            ("dial unix /run/k3s/containerd/containerd.sock: connect: no such file or directory", true),
            (
                "time=now level=info\nctr: dial unix /run/k3s/containerd/containerd.sock: connect: connection refused",
                true
            ),
            ("dial unix /run/k3s/containerd/containerd.sock: connect: permission denied", false),
            ("open /var/lib/rancher/k3s/data: no such file or directory", false), ("", false),
        ]
    )
    func noServer(_ words: String, _ expected: Bool) {
        #expect(LoadWorkflow.tellsOfNoServer(words) == expected)
    }

    @Test("a variable that is empty counts as unset")
    func empty() throws {
        var context = try Lines().context
        context.variables = ["EMPTY": "", "SET": "x"]
        #expect(context.value(of: "EMPTY") == nil && context.value(of: "SET") == "x")
        context.variables = [:]
        #expect(context.value(of: "SET") == nil)
    }
}
