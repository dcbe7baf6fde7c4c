import ClusterConfiguration
import ContainerImage
import Testing

@Suite("What formats can express")
struct ConfigurationFormatTests {
    private static let marked = ConfigurationFormat.allCases.filter { $0 != .docker }

    private func refusal(_ format: ConfigurationFormat, _ mirrors: ClusterMirrors) -> UnsupportedMirrorsError? {
        do throws(UnsupportedMirrorsError) {
            _ = try format.files(for: mirrors)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "Images in one repository need rules for each",
        arguments: [ConfigurationFormat.hostsTOML, .talos, .helmValues]
    )
    func flat(format: ConfigurationFormat) throws {
        let error = try #require(refusal(format, try Mirrors.flat()))
        #expect(error.alternatives == [.registriesConf, .k3s, .idms, .kustomize, .map, .kyverno])
        #expect(error.description.hasPrefix("\(format) can't express these mirrors: "))
        #expect(error.description.hasSuffix("; formats that can: registries.conf, k3s, idms, kustomize, map, kyverno"))
    }

    @Test("Docker takes mirrors of Docker Hub alone, which are whole registries, and asks Docker Hub after them")
    func docker() throws {
        #expect(refusal(.docker, try Mirrors.withHost())?.reason == .dockerHubOnly(other: "127.0.0.1:5000"))
        let below = ClusterMirrors(try Mirrors.repositories(["nginx"]) { ["registry.local/mirror/\($0.path)"] })
        #expect(refusal(.docker, below)?.reason == .wholeRegistry("registry.local/mirror"))
        var root = try Mirrors.root()
        #expect(refusal(.docker, root) == nil)
        root.fallback = .never
        #expect(refusal(.docker, root)?.reason == .alwaysFallsBack)
    }

    @Test("Tags are mirrored only where they arrived; charts have one registry; OpenShift's hosts have no brackets")
    func others() throws {
        let mirrors = try Mirrors.withHost()
        #expect(refusal(.itms, mirrors)?.reason == .withoutTags)
        #expect(refusal(.helmValues, mirrors)?.reason == .severalHosts(["127.0.0.1:5000", "docker.io", "quay.io"]))
        #expect(refusal(.idms, try Mirrors.addresses())?.reason == .host("[2001:db8::1]:5000"))
    }

    @Test("A filtered index has a new digest: only its name can be replaced as a whole", arguments: Self.marked)
    func filtered(format: ConfigurationFormat) throws {
        var mirrors = try Mirrors.strict()
        let index = DigestReference(repository: try Repository("nginx"), digest: Mirrors.digests[0])
        mirrors.filteredIndexes = [index]
        guard format != .kustomize else { return #expect(refusal(format, mirrors) == nil) }
        let error = try #require(refusal(format, mirrors))
        #expect(error.reason == .filteredIndex(index) && error.alternatives == [.kustomize])
        #expect(error.message.hints == [.keepIndexWhole])
    }

    @Test("The order in which images come makes no difference", arguments: Self.marked)
    func order(format: ConfigurationFormat) throws {
        let repositories = try Mirrors.repositories(["a.io/x", "a.io/y", "a.io/z"]) { ["r.local/m/\($0.path)"] }
        func files(_ repositories: [ClusterMirrors.MirroredRepository]) throws -> [ConfigurationFile] {
            var mirrors = ClusterMirrors(repositories)
            mirrors.hasTags = true
            return try format.files(for: mirrors)
        }
        #expect(try files(repositories) == files(repositories.reversed() + repositories))
        #expect(try files(repositories).allSatisfy { $0.text.hasPrefix(ConfigurationFile.firstLine + "\n") })
    }

    @Test("An image that arrives where it was has no mirror")
    func same() throws {
        #expect(ClusterMirrors(try Mirrors.repositories(["a.io/x"]) { [$0.description] }).repositories.isEmpty)
    }
}
