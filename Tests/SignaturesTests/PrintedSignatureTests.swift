import FoundationEssentials
import Signatures
import Testing

@Suite("Signatures that other programs print")
struct PrintedSignatureTests {
    /// Two numbers in DER, of so many bytes each.
    private static func numbers(_ first: Int, _ second: Int) -> [UInt8] {
        let content = [2, UInt8(first)] + Array(repeating: 1, count: first) + [2, UInt8(second)]
        let all = content + Array(repeating: 1, count: second)
        return [0x30] + (all.count > 127 ? [0x81] : []) + [UInt8(all.count)] + all
    }

    private static func random(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167) } }

    @Test(
        "ECDSA's in DER, and what is as long as one by Ed25519 or RSA, are taken; so are these in base64",
        arguments: [numbers(32, 33), numbers(31, 32), numbers(66, 66), random(64), random(256), random(512)]
    )
    func good(bytes: [UInt8]) throws {
        #expect(try PrintedSignature(bytes).bytes == bytes)
        let text = Data(bytes).base64EncodedString()
        #expect(try PrintedSignature(Array((text + "\n").utf8)).bytes == bytes)
        let lines = stride(from: 0, to: text.count, by: 64).map { text.dropFirst($0).prefix(64) + "\r\n" }.joined()
        #expect(try PrintedSignature(Array(lines.utf8)).bytes == bytes)
    }

    @Test(
        "What can't be a signature is refused, and told",
        arguments: [
            ([], "it gave no signature"), (Array("\n\n".utf8), "it printed ''"),
            (Array("usage: sign [-k KEY]\n".utf8), "it printed 'usage: sign [-k KEY]', which is not a signature"),
            (Array(String(repeating: "no signature ", count: 30).utf8), "which is not a signature"),
            (Array(Data(random(40)).base64EncodedString().utf8), "it gave 40 bytes"),
            (random(70), "it gave 70 bytes, which are not a signature by ECDSA (in DER), Ed25519 or RSA"),
            (numbers(32, 32) + [0], "it gave 71 bytes"), (numbers(32, 3), "it gave 41 bytes"),
            (Array(numbers(32, 32).dropLast()), "it gave 69 bytes"), (random(3000), "it gave 3000 bytes"),
            ([0x30, 0x81, 0x03, 0x02, 0x01, 0x01], "it gave 6 bytes"), ([0x30], "'0', which is not a signature"),
        ] as [([UInt8], String)]
    )
    func bad(bytes: [UInt8], reason: String) {
        let error = #expect(throws: SignatureContentError.self) { try PrintedSignature(bytes) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
