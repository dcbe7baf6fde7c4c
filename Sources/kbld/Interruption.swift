import AtomicFile
import Dispatch
import Glibc

/// What SIGINT and SIGTERM do: the work is cancelled, cleans up after itself, and the process ends with 128 and the
/// signal's number.
enum Interruption {
    /// Watches for a signal; what comes back must be kept for as long as that is wanted.
    static func watch(_ number: Int32, cancelling work: Task<Int32, Never>) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { @Sendable in
            work.cancel()
            // Cancelled work ends at once; this is for what can't be interrupted.
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(800)) { @Sendable in
                Temporaries.removeAll()
                StandardError.shared.show([])
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
