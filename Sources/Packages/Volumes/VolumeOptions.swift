/// How a package is cut into files as it is written.
public struct VolumeOptions: Sendable {
    /// The size of each file but the last, in bytes; at least ``smallestSize``.
    public var size: Int64
    /// Whether a file gets its name once it is whole. Otherwise it is written under its name, and nothing is ever renamed:
    /// for media that are written once.
    public var renames = true
    /// Takes each file when it is whole and has its name: its number, counted from one, and its path. The file needn't be
    /// there any more afterwards.
    public var handOver: (@Sendable (_ number: Int, _ path: String) async throws -> Void)?

    /// The least size of a file, in bytes.
    public static let smallestSize: Int64 = 1 << 20

    /// Creates options to cut a package into files of `size` bytes.
    public init(size: Int64) { self.size = max(Self.smallestSize, size) }
}
