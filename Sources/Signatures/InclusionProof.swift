import Crypto
import FoundationEssentials

/// That an entry is in a log, with the log's word on how far it had come: RFC 6962, section 2.1.
struct InclusionProof: Sendable, Equatable {
    let index: Int64
    let size: Int64
    let root: [UInt8]
    /// Hashes from the entry's side to the root.
    let hashes: [[UInt8]]
    let checkpoint: Checkpoint?

    /// The most hashes that there can be.
    static let countLimit = 64

    /// The root that the hashes lead to from an entry with these bytes; nil where they can't be of it.
    func root(of entry: [UInt8]) -> [UInt8]? {
        guard index >= 0, index < size, hashes.count <= Self.countLimit else { return nil }
        var (node, last) = (UInt64(index), UInt64(size - 1))
        var hash = Array(SHA256.hash(data: [0] + entry))
        // RFC 9162, section 2.1.3.2.
        for sibling in hashes {
            guard last != 0, sibling.count == 32 else { return nil }
            if node & 1 == 1 || node == last {
                hash = Array(SHA256.hash(data: [1] + sibling + hash))
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = Array(SHA256.hash(data: [1] + hash + sibling))
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }

    /// Makes sure that the entry is in `log`.
    func check(_ entry: [UInt8], by log: TrustedRoot.Log) throws(UntrustedSignerError) {
        guard let checkpoint else { throw UntrustedSignerError("its proof of the log has no checkpoint") }
        guard checkpoint.root == root, checkpoint.size == size else {
            throw UntrustedSignerError("its proof of the log is for another checkpoint")
        }
        guard checkpoint.isSigned(by: log) else {
            throw UntrustedSignerError("its checkpoint is not signed by the log's key")
        }
        guard self.root(of: entry) == root else {
            throw UntrustedSignerError("its proof does not lead to the log's checkpoint")
        }
    }
}
