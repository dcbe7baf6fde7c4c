import FoundationEssentials
import LibC
package import NIOSSL

/// The authorities whose certificates are trusted: the machine's, found as Go finds them.
///
/// `SSL_CERT_FILE` names a file of PEM certificates and `SSL_CERT_DIR` folders of such files, separated by colons; each
/// takes the place of its own defaults.
public struct TrustedAuthorities: Sendable {
    private let file: String?
    private let isNamed: Bool
    private let folders: [String]
    private let namedFile: String?

    /// Where distributions keep all authorities in one file.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",  // openSUSE, SLES
        "/etc/pki/tls/cacert.pem",  // OpenELEC
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // CentOS, RHEL
        "/etc/ssl/cert.pem",  // Alpine
    ]
    private static let folders = ["/etc/ssl/certs", "/etc/pki/tls/certs"]

    /// Creates the authorities that the variables of an environment name.
    public init(variables: [String: String] = [:]) {
        let named = variables["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        file = ([named].compactMap(\.self).first.map { [$0] } ?? Self.bundles).first { access($0, R_OK) == 0 }
        isNamed = named != nil
        namedFile = named
        if let list = variables["SSL_CERT_DIR"], !list.isEmpty {
            folders = list.split(separator: ":").map(String.init)
        } else {
            // A bundle that wasn't named has all that the folders have.
            folders = named == nil && file != nil ? [] : Self.folders
        }
    }

    /// What is wrong with the file that `SSL_CERT_FILE` names; nil where nothing is.
    public var problem: String? {
        guard let namedFile else { return nil }
        do {
            _ = try PEMCertificates.read(namedFile)
            return nil
        } catch {
            return "SSL_CERT_FILE names '\(namedFile)': \(error.reason)"
        }
    }

    /// What a client trusts: these authorities and `others`.
    package func tlsConfiguration(adding others: [NIOSSLCertificate] = []) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        var certificates = others
        if let file, !isNamed {
            configuration.trustRoots = .file(file)
        } else {
            configuration.trustRoots = .certificates([])
            if let file { certificates += (try? PEMCertificates.read(file)) ?? [] }
        }
        for folder in folders { certificates += Self.certificates(in: folder) }
        if !certificates.isEmpty { configuration.additionalTrustRoots = [.certificates(certificates)] }
        return configuration
    }

    /// The certificates in all files of a folder; one file under two names counts once.
    private static func certificates(in folder: String) -> [NIOSSLCertificate] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var seen: Set<[UInt64]> = []
        return names.sorted().flatMap { name -> [NIOSSLCertificate] in
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                seen.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted
            else { return [] }
            return (try? PEMCertificates.read(path)) ?? []
        }
    }
}
