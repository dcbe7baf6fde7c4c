import FoundationEssentials
import LibC
package import NIOSSL
import SystemPackage

/// Files of PEM certificates (RFC 7468).
package enum PEMCertificates {
    /// The longest file that is read, in bytes.
    private static let sizeLimit = 16 << 20

    /// The certificates of a file; anything else in it is ignored.
    ///
    /// - Throws: `PEMFileError` when the file can't be read or has no certificate.
    package static func read(_ path: String) throws(PEMFileError) -> [NIOSSLCertificate] {
        let found = certificates(in: try bytes(of: path))
        guard !found.isEmpty else { throw PEMFileError(path: path, reason: "there is no PEM certificate in it") }
        return found
    }

    private static func bytes(of path: String) throws(PEMFileError) -> [UInt8] {
        do {
            let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            return try descriptor.closeAfter {
                var bytes: [UInt8] = []
                let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
                defer { chunk.deallocate() }
                while case let count = try descriptor.read(into: chunk), count > 0, bytes.count < sizeLimit {
                    bytes.append(contentsOf: chunk[..<count])
                }
                return bytes
            }
        } catch {
            throw PEMFileError(path: path, reason: "\(error)")
        }
    }

    private static func certificates(in bytes: [UInt8]) -> [NIOSSLCertificate] {
        var found: [NIOSSLCertificate] = []
        var block: [UInt8]?
        for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let text = line.drop { $0 == 32 || $0 == 9 }
            if text.starts(with: "-----BEGIN ".utf8) {
                block = text.starts(with: "-----BEGIN CERTIFICATE-----".utf8) ? [] : nil
            } else if text.starts(with: "-----END ".utf8) {
                if let block, let der = Data(base64Encoded: Data(block), options: .ignoreUnknownCharacters),
                    let certificate = try? NIOSSLCertificate(bytes: Array(der), format: .der)
                {
                    found.append(certificate)
                }
                block = nil
            } else {
                block?.append(contentsOf: text)
            }
        }
        return found
    }
}

/// An unusable file of certificates.
package struct PEMFileError: Error, Sendable, CustomStringConvertible {
    /// The file.
    package let path: String
    /// What is wrong with it.
    package let reason: String

    /// Both.
    package var description: String { "Reading certificates from '\(path)': \(reason)" }
}
