public import NIOCore

/// Compressed bytes as they come in, and what they come to. Memory doesn't grow with either. Belongs to one reader.
public struct Expansion {
    /// How far compressed bytes may expand.
    public struct Limit: Sendable {
        /// How many times their own size.
        public var ratio: Int64
        /// How many bytes beside that: what is small may be repetitive.
        public var allowance: Int64

        /// Creates a limit.
        public init(ratio: Int64, allowance: Int64) {
            self.ratio = ratio
            self.allowance = allowance
        }

        /// For whole archives, whose layers are mostly compressed already.
        public static let archive = Limit(ratio: 200, allowance: 16 << 20)

        /// The most bytes that `count` compressed ones may come to.
        public func bytes(from count: Int64) -> Int64 {
            let (product, overflow) = max(0, count).multipliedReportingOverflow(by: ratio)
            guard !overflow, product <= Int64.max - allowance else { return .max }
            return product + allowance
        }
    }

    /// What the bytes are compressed with.
    public let format: CompressionFormat
    /// How many bytes were given.
    public private(set) var compressedCount: Int64 = 0
    /// How many bytes came out.
    public private(set) var count: Int64 = 0
    private let decoder: any Decoder
    private let limit: Limit?
    private var input = ByteBuffer()

    /// Creates the expansion of what is compressed as `format`.
    ///
    /// - Parameters:
    ///   - limit: How far the bytes that were given may expand at any time; nil where whoever reads sees to that.
    ///   - refusesTrailingBytes: Whether bytes that follow gzip's members are an error, unless they are zeros.
    /// - Throws: `CompressionError.outOfMemory`.
    public init(
        of format: CompressionFormat,
        limit: Limit? = .archive,
        refusesTrailingBytes: Bool = true
    ) throws(CompressionError) {
        self.format = format
        self.limit = limit
        switch format {
        case .gzip: decoder = try GzipDecoder(refusesTrailingBytes: refusesTrailingBytes)
        case .zstd: decoder = try ZstdDecoder()
        }
    }

    /// Takes further compressed bytes.
    public mutating func add(_ bytes: ByteBuffer) {
        var bytes = bytes
        compressedCount += Int64(bytes.readableBytes)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    }

    /// The next bytes; nil when more compressed ones are needed.
    ///
    /// - Throws: `CompressionError` when they can't be decompressed.
    public mutating func next() throws(CompressionError) -> ByteBuffer? {
        while true {
            let before = input.readableBytes
            let output = try decoder.decode(&input)
            guard output.readableBytes > 0 else {
                if input.readableBytes > 0, input.readableBytes < before { continue }
                return nil
            }
            count += Int64(output.readableBytes)
            if let limit, count > limit.bytes(from: compressedCount) {
                let most = limit.bytes(from: compressedCount)
                throw .expandingEarly(count: compressedCount, ratio: limit.ratio, bytes: most)
            }
            return output
        }
    }

    /// Makes sure that nothing is lacking, where no more bytes come.
    ///
    /// - Throws: `CompressionError.truncated`.
    public func finish() throws(CompressionError) {
        guard decoder.isAtEnd, input.readableBytes == 0 else { throw .truncated(format) }
    }

    /// How many bytes something comes to that begins with `start`, if that says so; more may follow.
    public static func announcedCount(of format: CompressionFormat, _ start: [UInt8]) -> Int64? {
        format == .zstd ? ZstdDecoder.contentSize(start) : nil
    }
}
