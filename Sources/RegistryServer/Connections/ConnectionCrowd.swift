import NIOCore
import Synchronization

/// The connections that are open.
final class ConnectionCrowd: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes note of a connection.
    func enter(_ channel: any Channel) {
        let isClosed = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isClosed
        }
        if isClosed { channel.close(promise: nil) }
    }

    func leave(_ channel: any Channel) {
        state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Whether most of the room is taken, so that new ones may soon have to wait.
    var isDense: Bool { state.withLock { $0.channels.count } >= limit - limit / 4 }

    /// Closes what is still open, and whatever comes later. A server that is cancelled ends those that somebody handles;
    /// those that it had just accepted would stay until they have been idle for long enough.
    func close() async {
        let left = state.withLock { state in
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in left { try? await channel.close() }
    }
}
