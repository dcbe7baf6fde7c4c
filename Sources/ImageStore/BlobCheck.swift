/// A blob that can be verified, and whoever gives its bytes again.
public struct BlobCheck: Sendable {
    /// Compares all bytes with the digest.
    ///
    /// - Parameters:
    ///   - item: Counts the bytes on their way.
    ///   - passed: Is called with the number of each next bytes that have been hashed.
    public typealias Verification =
        @Sendable (_ item: TransferProgress.Item?, _ passed: (_ count: Int) -> Void) async throws -> Void

    /// Gives the blob's bytes. Those that have been hashed needn't be again, if it says so (`ImageSource.isVerified`).
    public let source: any ImageSource
    private let verification: Verification

    /// Creates the check of a blob that `source` has.
    public init(of source: any ImageSource, _ verification: @escaping Verification) {
        self.source = source
        self.verification = verification
    }

    /// Reads the blob to its end.
    ///
    /// - Throws: An error that names the blob when its bytes aren't those of its digest; what reading throws.
    public func verify(
        counting item: TransferProgress.Item? = nil,
        _ passed: (_ count: Int) -> Void = { _ in }
    ) async throws {
        try await verification(item, passed)
    }
}
