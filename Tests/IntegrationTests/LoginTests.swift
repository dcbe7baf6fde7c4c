import Testing

@Suite("Logging in and out", .serialized, .needs(.dockerRegistry, .htpasswd))
struct LoginTests {
    private func login(_ lab: Lab, _ host: String, password: String, _ variables: [String: String] = [:]) async throws
        -> Lab.Outcome
    {
        try lab.write(password, to: "secret")
        let command = "'\(Lab.program)' login \(host) -u alice --password-stdin < secret"
        return try await lab.run("bash", ["-c", command], environment: variables)
    }

    @Test("a login that is accepted is stored, used, and removed; other fields stay as they are")
    func stored() async throws {
        try await Lab.open { lab in
            try await lab.registry(.password) { host in
                let others =
                    "{ \"x\" : [1,  2],\n\t\"auths\": {\"r.example\": {\"auth\": \"YTpi\"} },\"credHelpers\":{} }"
                try lab.write(others, to: "home/.docker/config.json")
                let done = try await login(lab, host, password: "s3cret\n")
                #expect(done.status == 0 && done.output == "", "\(done.log)")
                #expect(done.log.contains("login | \(host) accepted the login of 'alice'"))
                #expect(done.log.contains("in plain text") && !done.log.contains("s3cret"))
                let mode = try await lab.run("stat", ["-c", "%a", "home/.docker/config.json"])
                #expect(mode.output == "600\n")
                let refused = try await lab.kbld("package", "inspect", "\(host)/none/app:1")
                #expect(refused.log.contains("404"), "\(refused.log)")
                let removed = try await lab.kbld("logout", host)
                #expect(removed.status == 0 && removed.log.contains("removed the login for \(host)"), "\(removed.log)")
                #expect(try lab.text("home/.docker/config.json") == others)
                let again = try await lab.kbld("logout", host)
                #expect(again.status == 0 && again.log.contains("there was no login for \(host)"), "\(again.log)")
            }
        }
    }

    @Test("a login that is refused isn't stored, and the password isn't told")
    func refused() async throws {
        try await Lab.open { lab in
            try await lab.registry(.password) { host in
                let outcome = try await login(lab, host, password: "wr0ng-p4ss")
                #expect(outcome.status == 1 && outcome.log.contains("401"), "\(outcome.log)")
                #expect(!outcome.log.contains("wr0ng-p4ss"))
                #expect(try !lab.files("home/.docker").contains("config.json"))
            }
        }
    }

    @Test("a helper keeps the login where one is configured")
    func helper() async throws {
        try await Lab.open { lab in
            try await lab.registry(.password) { host in
                try await lab.succeed("mkdir", ["bin", "own"])
                try lab.write(
                    "#!/bin/sh\necho $1 >> \(lab.folder)/calls\ncat >> \(lab.folder)/calls\n",
                    to: "bin/helper"
                )
                try await lab.succeed("chmod", ["755", "bin/helper"])
                try await lab.succeed("mv", ["bin/helper", "bin/docker-credential-lab"])
                let config = "{\"credHelpers\": {\"\(host)\": \"lab\"}}"
                try lab.write(config, to: "own/config.json")
                let variables = ["DOCKER_CONFIG": lab.folder + "/own"]
                let done = try await login(lab, host, password: "s3cret", variables)
                #expect(done.status == 0 && done.log.contains("stored by docker-credential-lab"), "\(done.log)")
                let removed = try await lab.kbld("logout", host, environment: variables)
                #expect(removed.status == 0 && removed.log.contains("removed the login"), "\(removed.log)")
                let calls = try lab.text("calls")
                #expect(calls.hasPrefix("store\n{") && calls.contains("\"Secret\":\"s3cret\""), "\(calls)")
                #expect(calls.contains("\"ServerURL\":\"\(host)\"") && calls.hasSuffix("erase\n\(host)"), "\(calls)")
                #expect(try lab.text("own/config.json") == config)
            }
        }
    }

    @Test("a registry that lets everybody in says nothing of a login")
    func open() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let done = try await login(lab, host, password: "s3cret")
                #expect(done.status == 0 && done.log.contains("was not checked"), "\(done.log)")
            }
        }
    }

    @Test("mistakes are told, and a file that isn't of the form stays")
    func mistakes() async throws {
        try await Lab.open { lab in
            let cases: [([String], String)] = [
                (["login", "r.example", "-u", "a"], "missing required option --password-stdin"),
                (["login", "r.example/app", "-u", "a", "--password-stdin"], "'r.example/app' is not a registry"),
                (["login", "127.0.0.1:1", "-u", "a:b", "--password-stdin"], "The password must not be empty"),
                (["logout", "https://r.example"], "'https://r.example' is not a registry"),
            ]
            for (arguments, message) in cases {
                let outcome = try await lab.run("bash", ["-c", "\"$0\" \"$@\" < /dev/null", Lab.program] + arguments)
                let isTold = outcome.log.contains(message) || outcome.log.contains("The user name must not be empty")
                #expect(outcome.status == 1 && isTold, "\(arguments): \(outcome.log)")
            }
            try lab.write("[1]", to: "home/.docker/config.json")
            let outcome = try await lab.kbld("logout", "r.example")
            #expect(outcome.status == 1 && outcome.log.contains("is not a valid docker config.json"), "\(outcome.log)")
            #expect(try lab.text("home/.docker/config.json") == "[1]")
        }
    }
}
