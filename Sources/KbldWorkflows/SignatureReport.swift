import ContainerImage
import FoundationEssentials
import Signatures

/// What the gate found, in JSON.
struct SignatureReport: Encodable {
    private struct Image: Encodable {
        var image: String
        var accepted: Bool
        var signatures: [Signature]
        var problems: [String]
        var notes: [String]
    }

    private struct Signature: Encodable {
        var key: String
        var fingerprint: String
        var form: String
        var subject: String
        var predicateType: String?
        var issuer: String?
        var signedAt: String?
    }

    private let accepted: Bool
    private let images: [Image]

    /// Creates a report of verdicts.
    init(_ verdicts: [SignatureVerdict]) {
        accepted = verdicts.allSatisfy(\.isAccepted)
        images = verdicts.map { verdict in
            Image(
                image: verdict.image.description,
                accepted: verdict.isAccepted,
                signatures: verdict.proofs.map { proof in
                    Signature(
                        key: proof.key,
                        fingerprint: proof.fingerprint,
                        form: proof.form.rawValue,
                        subject: proof.subject.description,
                        predicateType: proof.predicateType,
                        issuer: proof.issuer,
                        signedAt: proof.signedAt.map {
                            Date(timeIntervalSince1970: Double($0)).formatted(.iso8601)
                        }
                    )
                },
                problems: verdict.problems,
                notes: verdict.remarks
            )
        }
    }

    /// The report's text.
    var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }
}
