package import SystemPackage

/// The open end of a stream; one that was opened here is closed when nothing refers to it any more.
package final class StreamHandle: Sendable {
    package let descriptor: SystemPackage.FileDescriptor
    private let isOwned: Bool

    package init(_ descriptor: SystemPackage.FileDescriptor, isOwned: Bool) {
        self.descriptor = descriptor
        self.isOwned = isOwned
    }

    deinit { if isOwned { try? descriptor.close() } }
}
