import CLibZ
import NIOCore

/// A stream of zlib, which keeps its address. Belongs to one reader or writer.
final class ZlibStream {
    /// What one call leads to.
    struct Step {
        /// The bytes that came out.
        var output: ByteBuffer
        /// What zlib says.
        var status: Int32
        /// Whether more may come out of what it has.
        var isFull: Bool
    }

    let pointer: UnsafeMutablePointer<z_stream>
    private let end: (UnsafeMutablePointer<z_stream>) -> Int32

    /// How much comes out at once, in bytes.
    private static let pieceSize = 256 << 10
    /// The largest window, and a header in gzip's form.
    static let windowBits: Int32 = 15 + 16

    /// - Parameter end: zlib's function that gives its memory back.
    init(end: @escaping (UnsafeMutablePointer<z_stream>) -> Int32) {
        self.end = end
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: z_stream())
    }

    deinit {
        _ = end(pointer)
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    /// Calls zlib once, by `run`, which takes bytes off `input`.
    func step(_ input: inout ByteBuffer, by run: (UnsafeMutablePointer<z_stream>) -> Int32) -> Step {
        var step = Step(
            output: ByteBufferAllocator().buffer(capacity: Self.pieceSize),
            status: Z_OK,
            isFull: false
        )
        input.readWithUnsafeMutableReadableBytes { source in
            pointer.pointee.next_in = source.bindMemory(to: UInt8.self).baseAddress
            pointer.pointee.avail_in = UInt32(clamping: source.count)
            let given = Int(pointer.pointee.avail_in)
            step.output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
                pointer.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
                pointer.pointee.avail_out = UInt32(clamping: space.count)
                let room = Int(pointer.pointee.avail_out)
                step.status = run(pointer)
                step.isFull = pointer.pointee.avail_out == 0
                return room - Int(pointer.pointee.avail_out)
            }
            return given - Int(pointer.pointee.avail_in)
        }
        return step
    }
}
