/// The port in an address.
package enum PortNumber {
    /// Whether `authority`, a host with or without a port, has a port that can be: 1 to 65535. The client ends the
    /// program for some others, and for some takes the rest of a division.
    package static func isPlausible(inAuthority authority: some StringProtocol) -> Bool {
        // The colons of an IPv6 address are in brackets.
        let end = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[end...].firstIndex(of: ":") else { return true }
        let port = authority[authority.index(after: colon)...]
        guard !port.isEmpty else { return true }
        return port.allSatisfy { $0.isASCII && $0.isNumber } && (1...65535).contains(Int(port) ?? 0)
    }
}
