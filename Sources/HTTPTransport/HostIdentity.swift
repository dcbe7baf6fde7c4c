import LibC

/// Who a server must prove to be: the host that the user named, as a certificate has it (RFC 9525, section 6).
package enum HostIdentity: Hashable, Sendable {
    /// A name, in lower case and without the dot at the end.
    case name(String)
    /// An address in 4 or 16 bytes.
    case address([UInt8])

    /// Creates the identity of a host without port; an IPv6 address may be in brackets. Nil if no certificate could
    /// name it.
    package init?(host: some StringProtocol) {
        var host = host[...]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        // The zone of an IPv6 address counts on this machine alone.
        if let address = Self.address(String(host.prefix { $0 != "%" })) {
            self = .address(address)
            return
        }
        let name = (host.hasSuffix(".") ? host.dropLast() : host).lowercased()
        guard name.utf8.count <= 253, Self.isName(name[...]) else { return nil }
        self = .name(name)
    }

    /// Whether the certificate with these names is this host's: by its alternative names alone, never by its common name.
    package func isProven(by certificate: CertificateNames) -> Bool {
        switch self {
        case .address(let bytes): certificate.ipAddresses.contains { Self.shortened($0) == bytes }
        case .name(let name): certificate.dnsNames.contains { Self.matches($0, name: name) }
        }
    }

    /// A wildcard matches exactly one label, the first, and for all of it (RFC 9525, section 6.3).
    private static func matches(_ pattern: String, name: String) -> Bool {
        let pattern = pattern.lowercased()
        guard pattern.hasPrefix("*.") else { return isName(pattern[...]) && pattern == name }
        let rest = pattern.dropFirst(2)
        guard isName(rest), let dot = name.firstIndex(of: ".") else { return false }
        return name[name.index(after: dot)...] == rest
    }

    /// Letters, digits, hyphens and, outside the web, underscores; no label is empty.
    private static func isName(_ text: Substring) -> Bool {
        var isInLabel = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "."):
                guard isInLabel else { return false }
                isInLabel = false
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                isInLabel = true
            default: return false
            }
        }
        return isInLabel
    }

    private static func address(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return shortened(bytes) }
        }
        return nil
    }

    /// An IPv4 address that is written as an IPv6 one (RFC 4291, section 2.5.5.2) is the same host.
    private static func shortened(_ bytes: [UInt8]) -> [UInt8] {
        let prefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        return bytes.count == 16 && bytes.starts(with: prefix) ? Array(bytes[12...]) : bytes
    }

    /// An address as it is written.
    static func text(of address: [UInt8]) -> String {
        guard address.count == 4 || address.count == 16 else { return "an address of \(address.count) bytes" }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = address.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, address, &buffer, socklen_t(buffer.count)) != nil else { return "an address" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
