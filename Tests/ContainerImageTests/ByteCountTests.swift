import ContainerImage
import Testing

@Suite("Numbers of bytes as people write them")
struct ByteCountTests {
    @Test(
        "a number with its unit",
        arguments: [
            ("0", 0), ("1", 1), ("12B", 12), ("500k", 500_000), ("500K", 500_000), ("10MB", 10_000_000),
            ("10MiB", 10 << 20),
            ("1.5GiB", 3 << 29), ("0.5k", 500), ("1.25mb", 1_250_000), ("2g", 2_000_000_000), ("3Ki", 3072),
            ("9223372036854775807", Int64.max), ("1.0", 1),
        ] as [(String, Int64)]
    )
    func number(text: String, bytes: Int64) { #expect(ByteCount(text)?.bytes == bytes) }

    @Test(
        "anything else is none",
        arguments: [
            "", "k", "-1", "+1", "1 k", "1kk", "1/s", "0x10", "1e3", "1.", ".5", "1.2.3", "1,5k", "٣",
            "9223372036854775808",
            "10000000000G", "1.0123456789k", "1t",
        ]
    )
    func noNumber(text: String) { #expect(ByteCount(text) == nil) }
}
