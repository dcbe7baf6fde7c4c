import SwiftASN1

/// The elements of a sequence or set.
struct DERNodes {
    let all: [ASN1Node]

    init(_ node: ASN1Node, count: Int? = nil) throws {
        guard case .constructed(let nodes) = node.content else { throw SignatureContentError("not constructed") }
        all = Array(nodes)
        guard !all.isEmpty, count.map({ $0 == all.count }) != false else { throw SignatureContentError("other count") }
    }

    var count: Int { all.count }

    subscript(index: Int) -> ASN1Node {
        get throws {
            guard all.indices.contains(index) else { throw SignatureContentError("too few elements") }
            return all[index]
        }
    }
}
