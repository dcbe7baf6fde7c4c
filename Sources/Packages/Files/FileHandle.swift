import LibC
import SystemPackage

/// An open file; it is closed when nothing refers to it any more.
final class FileHandle: Sendable {
    let descriptor: FileDescriptor

    init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit { try? descriptor.close() }

    /// What the system says of the file; nil if it says nothing.
    var status: stat? {
        var status = stat()
        return fstat(descriptor.rawValue, &status) == 0 ? status : nil
    }
}
