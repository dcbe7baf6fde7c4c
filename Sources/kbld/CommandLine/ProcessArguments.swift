import CProcessStart
import DocumentInput

/// What the program was started with.
enum ProcessArguments {
    /// The arguments after the program's own name; nil if not even that was given. Bytes that aren't UTF-8 are kept as
    /// `InputName` keeps them.
    static var all: [String]? {
        let count = process_argument_count()
        guard count > 0 else { return nil }
        return (1..<max(count, 1)).map { position in
            let argument = UnsafeRawPointer(process_argument(position)).assumingMemoryBound(to: UInt8.self)
            var length = 0
            while argument[length] != 0 { length += 1 }
            return InputName.text(of: Array(UnsafeBufferPointer(start: argument, count: length)))
        }
    }
}
