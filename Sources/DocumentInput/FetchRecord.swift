/// A request to a server of documents, and what it answered.
public struct FetchRecord: Sendable {
    /// The address, without user, password and query.
    public var address: String
    /// The answer's status; nil where there was none.
    public var status: Int?
    /// How many bytes the answer says it has.
    public var receivedBytes: Int64?
    /// How long it took until the answer began.
    public var duration: Duration
}
