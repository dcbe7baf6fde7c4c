/// The names in a certificate: X.509 (RFC 5280, section 4.1), as far as messages and checks need them.
///
/// Read by hand: swift-certificates would add 3.5 MB to the program for these few fields.
package struct CertificateNames: Sendable {
    private let issuer: ArraySlice<UInt8>
    private let subject: ArraySlice<UInt8>
    /// The host names that it is for: the subject's alternative names of the kind dNSName.
    package let dnsNames: [String]
    /// The IP addresses that it is for, in 4 or 16 bytes each.
    package let ipAddresses: [[UInt8]]

    /// Reads the names of a certificate in DER.
    ///
    /// - Throws: `MalformedCertificateError` when the bytes are not a certificate.
    package init(der: [UInt8]) throws(MalformedCertificateError) {
        var outer = DERElements(der[...])
        var certificate = DERElements(try outer.next().content)
        var fields = DERElements(try certificate.next().content)
        var first = try fields.next()
        // The version is left out in version 1.
        if first.tag == 0xA0 { first = try fields.next() }
        _ = try fields.next()
        issuer = try fields.next().content
        _ = try fields.next()
        subject = try fields.next().content
        _ = try fields.next()
        var names = (dns: [String](), addresses: [[UInt8]]())
        while !fields.isAtEnd {
            let field = try fields.next()
            if field.tag == 0xA3 { names = try Self.alternativeNames(in: field.content) }
        }
        dnsNames = names.dns
        ipAddresses = names.addresses
    }

    package var isSelfIssued: Bool { issuer.elementsEqual(subject) }
    package var issuerName: String { Self.commonName(in: issuer) ?? "no name" }
    package var subjectName: String { Self.commonName(in: subject) ?? "no name" }

    /// What it is for, in words: host names and addresses, or the lack of both.
    package var identities: String {
        let names = dnsNames.map(Self.named) + ipAddresses.map(HostIdentity.text(of:))
        guard names.isEmpty else {
            return names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
        }
        return Self.commonName(in: subject).map { "\($0), but only as a common name" } ?? "no host at all"
    }

    /// A DNS name; an address given as one proves nothing (RFC 9525, section 6.5).
    private static func named(_ name: String) -> String {
        let text = printable(name)
        guard case .address = HostIdentity(host: text) else { return text }
        return text + ", but only as a DNS name"
    }

    /// The extension 2.5.29.17 (RFC 5280, section 4.2.1.6).
    private static func alternativeNames(
        in extensions: ArraySlice<UInt8>
    ) throws(MalformedCertificateError) -> (dns: [String], addresses: [[UInt8]]) {
        var found = (dns: [String](), addresses: [[UInt8]]())
        var wrapper = DERElements(extensions)
        var list = DERElements(try wrapper.next().content)
        while !list.isAtEnd {
            var parts = DERElements(try list.next().content)
            guard try parts.next().content.elementsEqual([0x55, 0x1D, 0x11]) else { continue }
            var value = try parts.next()
            // A criticality flag may come in between.
            if value.tag == 0x01 { value = try parts.next() }
            var octets = DERElements(value.content)
            var names = DERElements(try octets.next().content)
            while !names.isAtEnd {
                let name = try names.next()
                switch name.tag {
                case 0x82: found.dns.append(String(decoding: name.content, as: UTF8.self))
                case 0x87: found.addresses.append(Array(name.content))
                default: break
                }
            }
        }
        return found
    }

    /// The common name (2.5.4.3).
    private static func commonName(in name: ArraySlice<UInt8>) -> String? {
        var sets = DERElements(name)
        while let set = try? sets.next() {
            var attributes = DERElements(set.content)
            while let attribute = try? attributes.next() {
                var parts = DERElements(attribute.content)
                guard let type = try? parts.next(), let value = try? parts.next() else { continue }
                guard type.content.elementsEqual([0x55, 0x04, 0x03]) else { continue }
                return printable(String(decoding: value.content, as: UTF8.self))
            }
        }
        return nil
    }

    /// A name without what a terminal might obey.
    private static func printable(_ name: String) -> String {
        String(decoding: name.utf8.prefix(200).filter { $0 >= 32 && $0 < 127 }, as: UTF8.self)
    }
}
