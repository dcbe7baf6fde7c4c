import ContainerImage
import MirrorRouting
import Testing

@Suite("Where images are read")
struct MirrorRulesTests {
    /// The places of a repository, as text.
    private func places(_ name: String, byTag: Bool = false, _ rules: MirrorRules) throws -> [String]? {
        try rules.places(of: Repository(name), byTag: byTag)?.map(\.repository.description)
    }

    private func rules(_ texts: String...) throws -> MirrorRules {
        var rules = MirrorRules()
        try rules.add(texts)
        return rules
    }

    private func rules(conf texts: String...) throws -> MirrorRules {
        var rules = MirrorRules()
        rules.add(try texts.map { try RegistriesConf($0, path: "r.conf") })
        return rules
    }

    @Test("the longest FROM counts, its mirrors are asked in their order, and then the registry itself")
    func flags() throws {
        let rules = try rules(
            "docker.io=proxy.corp/dockerhub",
            "docker.io/library=a.test",
            "docker.io/library=b.test:5000/lib/",
            "*.quay.io=q.test"
        )
        #expect(
            try places("nginx", rules) == ["a.test/nginx", "b.test:5000/lib/nginx", "index.docker.io/library/nginx"]
        )
        #expect(
            try places("grafana/loki", rules) == ["proxy.corp/dockerhub/grafana/loki", "index.docker.io/grafana/loki"]
        )
        #expect(try places("cdn.quay.io/x/y", rules) == ["q.test/x/y", "cdn.quay.io/x/y"])
        #expect(try places("quay.io/x/y", rules) == nil)
        #expect(try places("docker.io.evil.test/x", rules) == nil)
        #expect(
            try places("docker.io/libraryx/y", rules) == [
                "proxy.corp/dockerhub/libraryx/y", "index.docker.io/libraryx/y",
            ]
        )
        var only = rules
        only.isMirrorOnly = true
        #expect(try places("nginx", only) == ["a.test/nginx", "b.test:5000/lib/nginx"])
        #expect(try places("gcr.io/x", only) == nil)
    }

    @Test("a mirror that is a word alone is a host all the same")
    func bareHost() throws {
        #expect(try places("nginx", rules("docker.io=mirror/hub"))?.first == "mirror:443/hub/library/nginx")
        #expect(try places("nginx", rules("docker.io=http://mirror"))?.first == "mirror:80/library/nginx")
    }

    @Test(
        "what isn't FROM=TO is refused",
        arguments: [
            "docker.io", "=x.test", "docker.io=", "docker.io=x.test/A", "*.x/y=z.test", "a b=c.test", "x=ftp://y.test",
        ]
    )
    func malformed(text: String) {
        #expect(throws: MirrorRuleError.self) { try rules(text) }
    }

    @Test("registries.conf: prefixes, locations, mirrors, and what they may answer")
    func registriesConf() throws {
        let rules = try rules(
            conf: """
                unqualified-search-registries = ["docker.io"]
                short-name-mode = "enforcing"
                [aliases]
                "nginx" = "docker.io/library/nginx"

                [[registry]]
                prefix = "docker.io"
                location = "internal.test/hub"
                [[registry.mirror]]
                location = "digests.test"
                pull-from-mirror = "digest-only"
                [[registry.mirror]]
                location = "tags.test/x"
                pull-from-mirror = "tag-only"
                insecure = true

                [[registry]]
                location = "blocked.test"
                blocked = true

                [[registry]]
                prefix = "*.wild.test"
                [[registry.mirror]]
                location = "w.test"
                """
        )
        #expect(try places("nginx", rules) == ["digests.test/library/nginx", "internal.test/hub/library/nginx"])
        #expect(
            try places("nginx", byTag: true, rules) == ["tags.test/x/library/nginx", "internal.test/hub/library/nginx"]
        )
        #expect(try places("a.wild.test/b", rules) == ["w.test/b", "a.wild.test/b"])
        let error = #expect(throws: BlockedRegistryError.self) { try places("blocked.test/x", rules) }
        #expect(error?.description == "blocked.test/x is blocked by 'r.conf', line 17")
        #expect(rules.endpoints.filter(\.isInsecure).map(\.host.name) == ["tags.test"])
    }

    @Test("a later file takes the place of the rules that it has again")
    func overriding() throws {
        let rules = try rules(
            conf: "[[registry]]\nlocation = \"a.test\"\n[[registry.mirror]]\nlocation = \"one.test\"\n",
            "[[registry]]\nlocation = \"a.test\"\n[[registry.mirror]]\nlocation = \"two.test\"\n"
        )
        #expect(try places("a.test/x", rules) == ["two.test/x", "a.test/x"])
    }

    @Test(
        "what isn't known is refused with its line",
        arguments: [
            (
                "[[registry]]\nlocation = \"a.test\"\nmiror = 1\n",
                "Reading 'r.conf', line 3: unknown key 'miror' in [[registry]]"
            ),
            ("\nsearch = []\n", "Reading 'r.conf', line 2: unknown key 'search'"),
            ("[[registry]]\nblocked = true\n", "Reading 'r.conf', line 1: [[registry]] needs a prefix or a location"),
            (
                "[[registry]]\nlocation = \"a.test\"\nblocked = \"no\"\n",
                "Reading 'r.conf', line 3: blocked must be true or false"
            ),
            (
                "[registries.search]\nregistries = [\"docker.io\"]\n",
                "Reading 'r.conf', line 1: it is in version 1 of the format, which has [registries.search]; write it in "
                    + "version 2, with [[registry]]"
            ),
        ]
    )
    func mistakes(text: String, message: String) {
        let error = #expect(throws: MirrorFileError.self) { try RegistriesConf(text, path: "r.conf") }
        #expect(error?.description == message)
    }

    @Test("where mirrors alone are meant, a registry whose mirrors may not answer isn't asked")
    func mirrorsAlone() throws {
        var rules = try rules(
            conf: """
                [[registry]]
                location = "a.test"
                mirror-by-digest-only = true
                [[registry.mirror]]
                location = "m.test"
                [[registry]]
                prefix = "b.test"
                location = "c.test"
                """
        )
        rules.isMirrorOnly = true
        #expect(try places("a.test/x", rules) == ["m.test/x"])
        #expect(try places("b.test/x", byTag: true, rules) == ["c.test/x"])
        #expect(try places("z.test/x", rules) == nil)
        let error = #expect(throws: BlockedRegistryError.self) { try places("a.test/x", byTag: true, rules) }
        #expect(error?.description.contains("name the image by digest") == true)
    }

    @Test("other spellings of a host are the same one")
    func spellings() throws {
        let hub = try rules("Docker.IO=m.test")
        #expect(try places("nginx", hub)?.first == "m.test/library/nginx")
        let blocked = try rules(conf: "[[registry]]\nlocation = \"a.test:5000\"\nblocked = true\n")
        #expect(throws: BlockedRegistryError.self) { try places("A.Test:5000/x", blocked) }
    }

    @Test("a prefix that one file blocks and doesn't block is refused")
    func contradiction() {
        let text = """
            [[registry]]
            location = "a.test"
            blocked = true
            [[registry]]
            location = "a.test"
            """
        let error = #expect(throws: MirrorFileError.self) { try RegistriesConf(text, path: "r.conf") }
        #expect(error?.line == 4 && error?.description.contains("'r.conf', line 1") == true)
    }

    @Test(
        "a key that is none is an error of the document",
        arguments: ["[[[", "[[[a]]]", "[=]", "[(]", "[ [a] ]", "[[", "[a.]", "[.a]", "[]", "=", ".", "a.=1", "[\u{0}]"]
    )
    func noKeys(text: String) {
        #expect(throws: MirrorFileError.self) { try RegistriesConf(text, path: "r.conf") }
    }

    @Test("what is no TOML is refused with its line")
    func noTOML() {
        let error = #expect(throws: MirrorFileError.self) { try RegistriesConf("a = 1\nb = \n", path: "r.conf") }
        #expect(error?.line == 2 && error?.description.contains("it is not TOML") == true)
    }

    @Test("hosts.toml: hosts in their order, capabilities, and how each is asked")
    func hosts() throws {
        let file = try HostsFile(
            """
            server = "https://registry-1.docker.io"

            [host."http://spegel.test:5000"]
              capabilities = ["pull"]
            [host."https://a.test/prefix"]
              capabilities = ["pull", "resolve"]
              skip_verify = true
              ca = ["ca.pem", "/abs.pem"]
              client = [["c.pem", "k.pem"]]
            [host."https://b.test/api"]
              override_path = true
              [host."https://b.test/api".header]
                x-team = ["one", "two"]
            [host."https://push.test"]
              capabilities = ["push"]
            """,
            of: .dockerHub,
            path: "hosts.toml",
            folder: "/certs/docker.io"
        )
        var rules = MirrorRules()
        rules.add([file])
        let nginx = try Repository("nginx")
        let all = try #require(try rules.places(of: nginx, byTag: false))
        #expect(
            all.map(\.repository.description) == [
                "spegel.test:5000/library/nginx", "a.test/library/nginx", "b.test/library/nginx",
                "index.docker.io/library/nginx",
            ]
        )
        let byTag = try #require(try rules.places(of: nginx, byTag: true))
        #expect(byTag.first?.repository.registry.name == "a.test")
        let (spegel, first, second) = (
            try #require(all[0].endpoint), try #require(all[1].endpoint), try #require(all[2].endpoint)
        )
        #expect(spegel.sendsNamespace && spegel.usesPlainHTTP == true && spegel.root == nil)
        #expect(first.root == "/prefix/v2" && first.isInsecure)
        #expect(first.authorities == ["/certs/docker.io/ca.pem", "/abs.pem"])
        #expect(first.clientCertificate?.key == "/certs/docker.io/k.pem")
        #expect(second.root == "/api" && second.headers == ["x-team": "one, two"])
        #expect(all[3].endpoint == nil)
    }

    @Test("folders of hosts.toml name registries as containerd does")
    func folders() throws {
        #expect(HostsFile.registry(ofFolder: "docker.io") == .some(.dockerHub))
        #expect(HostsFile.registry(ofFolder: "a.test_5000_") == .some(try RegistryHost("a.test:5000")))
        #expect(HostsFile.registry(ofFolder: "_default") == .some(nil))
        #expect(HostsFile.registry(ofFolder: "no host") == nil)
    }

    @Test("the file for all registries is for those without one")
    func fallback() throws {
        let own = try HostsFile("[host.\"https://a.test\"]\n", of: RegistryHost("x.test"), path: "p", folder: "f")
        let others = try HostsFile("[host.\"https://b.test\"]\n", of: nil, path: "p", folder: "f")
        var rules = MirrorRules()
        rules.add([own, others])
        #expect(try places("x.test/y", rules) == ["a.test/y", "x.test/y"])
        #expect(try places("z.test/y", rules) == ["b.test/y", "z.test/y"])
        // In the file for all, `server` stands for every registry without one of its own.
        let server = try HostsFile("server = \"https://c.test\"\n", of: nil, path: "p", folder: "f")
        var served = MirrorRules()
        served.add([own, server])
        #expect(try places("x.test/y", served) == ["a.test/y", "x.test/y"])
        #expect(try places("z.test/y", served) == ["c.test/y"])
    }

    @Test(
        "mistakes in hosts.toml have their lines",
        arguments: [
            ("servr = 1\n", "line 1: unknown key 'servr'"),
            ("[host.\"https://a.test\"]\nskip = true\n", "line 2: unknown key 'skip' in [host.\"https://a.test\"]"),
            ("[host.\"https://a.test\"]\ncapabilities = [\"read\"]\n", "line 2: unknown capability 'read'"),
            ("[host.\"a b\"]\n", "line 1: 'a b' is not an http or https address"),
        ]
    )
    func hostsMistakes(text: String, message: String) {
        let error = #expect(throws: MirrorFileError.self) {
            try HostsFile(text, of: .dockerHub, path: "h", folder: "f")
        }
        #expect(error?.description == "Reading 'h', \(message)")
    }
}
