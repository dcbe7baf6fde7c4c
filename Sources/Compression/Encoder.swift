import NIOCore

/// Compresses piece by piece. Belongs to one writer.
protocol Encoder: AnyObject {
    /// Takes all of `input`, and gives what can be written so far.
    func encode(_ input: ByteBuffer) throws(CompressionError) -> [ByteBuffer]

    /// What is still to be written when no more bytes come.
    func finish() throws(CompressionError) -> [ByteBuffer]
}
