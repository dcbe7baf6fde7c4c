/// Opens once; who waits goes on then.
public actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Creates a gate that is closed.
    public init() {}

    /// Waits until it is open.
    public func wait() async {
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    /// Opens it.
    public func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
