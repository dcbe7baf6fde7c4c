import Dispatch
import LibC
import LocalFiles

/// What SIGINT, SIGTERM and SIGHUP do: the work is cancelled, cleans up after itself, and the process ends with 128 and the
/// signal's number.
enum Interruption {
    /// The signals that are watched for. `nohup` has SIGHUP ignored, and that stays so.
    static var signals: [Int32] {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return [SIGINT, SIGTERM] }
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return [SIGINT, SIGTERM] + (handler == unsafeBitCast(SIG_IGN, to: Int.self) ? [] : [SIGHUP])
    }

    /// Keeps the signals from this thread and those that it starts: the system discards an ignored signal that the first
    /// thread doesn't block, and nobody who watches for it would see it.
    static func block() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in signals { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Watches for a signal; what comes back must be kept for as long as that is wanted.
    static func watch(_ number: Int32, cancelling work: Task<Int32, Never>) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { @Sendable in
            work.cancel()
            // Cancelled work ends at once; this is for what can't be interrupted, such as writing to a log that nobody
            // reads any more.
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(800)) { @Sendable in
                Temporaries.removeAll()
                StandardError.shared.clearAtOnce()
                _exit(128 + number)
            }
            Task {
                _ = await work.value
                _exit(128 + number)
            }
        }
        source.activate()
        return source
    }
}
