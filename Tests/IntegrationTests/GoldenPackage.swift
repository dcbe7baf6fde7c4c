import FoundationEssentials

/// A package that the original wrote, of images from `127.0.0.1:5001`. Nothing but that name, in `manifest.json`, depends
/// on where the images come from, so it tells what a package of the same images from another registry must be.
struct GoldenPackage {
    private static let host = "127.0.0.1:5001"
    private static let block = 512
    private let package: [UInt8]
    private let input: String

    init() throws {
        package = Array(try Data(contentsOf: URL(filePath: Lab.fixture("package-127.0.0.1-5001.tar"))))
        input = String(
            decoding: try Data(contentsOf: URL(filePath: Lab.fixture("package-127.0.0.1-5001.yml"))),
            as: UTF8.self
        )
    }

    /// The documents of the images, in the registry `host`.
    func documents(from host: String) -> String { input.replacing(Self.host, with: host) }

    /// The package of the images, in the registry `host`: its first entry, `manifest.json`, names that one.
    func bytes(from host: String) -> [UInt8] {
        var header = Array(package[..<Self.block])
        let size = Int(String(decoding: header[124..<135], as: UTF8.self), radix: 8) ?? 0
        let manifest = String(decoding: package[Self.block..<Self.block + size], as: UTF8.self)
        let text = Array(manifest.replacing(Self.host, with: host).utf8)
        func octal(_ value: Int, _ width: Int) -> [UInt8] {
            let digits = String(value, radix: 8)
            return Array((String(repeating: "0", count: width - digits.count) + digits).utf8)
        }
        header.replaceSubrange(124..<135, with: octal(text.count, 11))
        header.replaceSubrange(148..<156, with: Array(repeating: UInt8(ascii: " "), count: 8))
        header.replaceSubrange(148..<154, with: octal(header.reduce(0) { $0 + Int($1) }, 6))
        header[154] = 0
        func padding(_ count: Int) -> Int { (Self.block - count % Self.block) % Self.block }
        let rest = package[(Self.block + size + padding(size))...]
        return header + text + Array(repeating: 0, count: padding(text.count)) + rest
    }
}
