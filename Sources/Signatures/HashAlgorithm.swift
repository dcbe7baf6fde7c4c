import Crypto

/// A hash that timestamps are made with.
enum HashAlgorithm: Sendable {
    /// Only to tell which certificate is meant, never for what is signed.
    case sha1
    case sha256, sha384, sha512

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha384: Array(SHA384.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }
}
