import NIOCore

/// Decompresses piece by piece. Belongs to one reader.
protocol Decoder: AnyObject {
    /// Whether the bytes so far are whole members or frames.
    var isAtEnd: Bool { get }

    /// Takes bytes off `input`, and gives what they come to so far.
    func decode(_ input: inout ByteBuffer) throws(CompressionError) -> ByteBuffer
}
