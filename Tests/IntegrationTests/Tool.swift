import FoundationEssentials
import LibC
import Testing

/// A program or module that tests have on the other side. Nothing is installed here: `make tools` does that.
enum Tool: String {
    case bash, buildah, chromium, containerd, ctr, curl
    case dockerRegistry = "docker-registry"
    case dpkgDeb = "dpkg-deb"
    case fish, git, htpasswd, jq, nginx, openssl, podman, python3, readelf, runc, skopeo, strace, tmux, zsh, zstd

    /// Whether it is on the path, or where Debian keeps programs of administrators.
    var isInstalled: Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders: [Substring] = path.split(separator: ":") + ["/usr/sbin"]
        return folders.contains { access("\($0)/\(rawValue)", X_OK) == 0 }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips tests whose programs aren't installed; each is reported by name, with what is missing.
    static func needs(_ tools: Tool...) -> Self {
        let missing = ([.python3] + tools).filter { !$0.isInstalled }.map(\.rawValue)
        return .enabled(if: missing.isEmpty, "not installed: \(missing.joined(separator: ", "))")
    }
}
