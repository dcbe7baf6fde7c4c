/// The formats in which clusters and runtimes take mirrors.
public enum ConfigurationFormat: String, Sendable, CaseIterable, CustomStringConvertible {
    /// containerd's folder of hosts.
    case hostsTOML = "hosts.toml"
    /// That of podman, CRI-O, skopeo and buildah.
    case registriesConf = "registries.conf"
    /// k3s's and RKE2's.
    case k3s
    /// Talos's: documents, and the older machine configuration.
    case talos
    /// OpenShift's ImageDigestMirrorSet.
    case idms
    /// OpenShift's ImageTagMirrorSet.
    case itms
    /// A component of Kustomize.
    case kustomize
    /// Kubernetes' MutatingAdmissionPolicy.
    case map
    /// A policy of Kyverno.
    case kyverno
    /// Docker's daemon.
    case docker
    /// Values of Helm charts.
    case helmValues = "helm-values"

    /// Its name.
    public var description: String { rawValue }

    /// The files that say `mirrors`, in the order of their paths.
    ///
    /// - Throws: `UnsupportedMirrorsError` where the format can't say it.
    public func files(for mirrors: ClusterMirrors) throws(UnsupportedMirrorsError) -> [ConfigurationFile] {
        do throws(UnsupportedReason) {
            return try write(mirrors).sorted { $0.path < $1.path }
        } catch {
            let others = Self.allCases.filter { $0 != self && (try? $0.write(mirrors)) != nil }
            throw UnsupportedMirrorsError(format: self, reason: error, alternatives: others)
        }
    }

    /// The files of all formats that can say `mirrors`, and why others can't.
    public static func all(
        for mirrors: ClusterMirrors
    ) -> (files: [ConfigurationFile], refused: [UnsupportedMirrorsError]) {
        var (files, refused): ([ConfigurationFile], [UnsupportedMirrorsError]) = ([], [])
        for format in allCases {
            do throws(UnsupportedMirrorsError) {
                files += try format.files(for: mirrors)
            } catch {
                refused.append(error)
            }
        }
        return (files, refused)
    }

    private func write(_ mirrors: ClusterMirrors) throws(UnsupportedReason) -> [ConfigurationFile] {
        if self != .kustomize, let index = mirrors.filteredIndexes.min() { throw .filteredIndex(index) }
        return switch self {
        case .hostsTOML: try HostsTOML.files(mirrors)
        case .registriesConf: RegistriesConf.files(mirrors)
        case .k3s: try K3sRegistries.files(mirrors)
        case .talos: try TalosRegistries.files(mirrors)
        case .idms: try MirrorSet.digests.files(mirrors)
        case .itms: try MirrorSet.tags.files(mirrors)
        case .kustomize: KustomizeComponent.files(mirrors)
        case .map: AdmissionPolicy.files(mirrors)
        case .kyverno: KyvernoPolicy.files(mirrors)
        case .docker: try DockerDaemon.files(mirrors)
        case .helmValues: try HelmValues.files(mirrors)
        }
    }
}
