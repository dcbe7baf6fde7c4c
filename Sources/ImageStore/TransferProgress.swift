import ContainerImage
import Synchronization

/// How far a transfer is: its tasks count, and whoever shows it looks.
///
/// Counting a piece of a blob costs two relaxed additions, cheap enough for the innermost loop. Where nobody looks,
/// a transfer is given nil.
public final class TransferProgress: Sendable {
    /// What a transfer is doing.
    public enum Phase: String, Sendable {
        /// References become digests.
        case resolve
        /// Manifests and configs are read.
        case read
        /// Blobs that are on this side are compared with their digests.
        case check
        /// Blobs move.
        case copy
        /// Manifests are pushed.
        case push
    }

    /// The counters at one moment.
    public struct Snapshot: Sendable, Equatable {
        /// What is being done; nil before the first phase.
        public var phase: Phase?
        /// How many phases there have been.
        public var phaseNumber = 0
        /// How many blobs, images or references are done.
        public var itemsDone = 0
        /// How many of these there are; 0 where that isn't known.
        public var itemsTotal = 0
        /// The bytes that have moved in this phase.
        public var bytesMoved: Int64 = 0
        /// The bytes that needn't move after all, such as those of a blob that was mounted.
        public var bytesSkipped: Int64 = 0
        /// The bytes of this phase.
        public var bytesTotal: Int64 = 0
        /// The bytes that have moved or needn't.
        public var bytesDone: Int64 { bytesMoved.addingUpToLimit(bytesSkipped) }
        /// What is under way, the oldest first, each name once.
        public var inFlight: [String] = []

        fileprivate var names: [String: Int] = [:]
        fileprivate var bytes = Bytes()

        /// Adds the bytes of a phase in which blobs move.
        fileprivate func add(to outcome: inout Outcome) {
            guard phase == .copy else { return }
            let (moved, skipped) = (bytes.moved.load(ordering: .relaxed), bytes.skipped.load(ordering: .relaxed))
            outcome.bytesMoved = outcome.bytesMoved.addingUpToLimit(moved)
            outcome.bytesPresent = outcome.bytesPresent.addingUpToLimit(skipped)
        }
    }

    /// The bytes of one phase.
    fileprivate final class Bytes: Sendable, Equatable {
        let moved = Atomic<Int64>(0)
        let skipped = Atomic<Int64>(0)

        static func == (left: Bytes, right: Bytes) -> Bool { left === right }
    }

    /// What all phases came to.
    public struct Outcome: Sendable, Equatable {
        /// How many images and indexes are where they should be, those in indexes not counted.
        public var images = 0
        /// How many distinct layers are where they should be.
        public var layers = 0
        /// The bytes of blobs that have moved.
        public var bytesMoved: Int64 = 0
        /// The bytes of blobs that were there already, or needn't move for another reason.
        public var bytesPresent: Int64 = 0
    }

    private let state = Mutex(Snapshot())
    /// What the phases came to that are over.
    private let past = Mutex(Outcome())

    /// Creates counters at zero.
    public init() {}

    /// A new phase begins: counting starts at zero.
    ///
    /// - Parameters:
    ///   - items: How many items it has, 0 where that isn't known yet.
    ///   - bytes: How many bytes it has.
    public func enter(_ phase: Phase, items: Int, bytes: Int64 = 0) {
        state.withLock { state in
            past.withLock { state.add(to: &$0) }
            let number = state.phaseNumber + 1
            state = Snapshot(phase: phase, phaseNumber: number, itemsTotal: items, bytesTotal: bytes)
        }
    }

    /// Images and their layers, beside those that were counted before.
    ///
    /// - Parameters:
    ///   - images: Images and indexes, those in indexes not counted.
    ///   - layers: Distinct layers.
    ///   - present: The bytes that are there already, of these and of other blobs; no phase has them.
    public func count(images: Int = 0, layers: Int, present: Int64 = 0) {
        past.withLock { past in
            past.images += images
            past.layers += layers
            past.bytesPresent = past.bytesPresent.addingUpToLimit(present)
        }
    }

    /// What has been done so far.
    public var outcome: Outcome {
        state.withLock { state in
            var outcome = past.withLock { $0 }
            state.add(to: &outcome)
            return outcome
        }
    }

    /// More items and bytes than the phase began with.
    public func expect(items: Int, bytes: Int64 = 0) {
        state.withLock { state in
            state.itemsTotal += items
            state.bytesTotal = state.bytesTotal.addingUpToLimit(bytes)
        }
    }

    /// One item begins.
    ///
    /// - Parameters:
    ///   - name: What to call it: an image rather than a digest.
    ///   - bytes: How many bytes it has.
    public func begin(_ name: String, bytes: Int64 = 0) -> Item {
        state.withLock { state in
            if state.names[name, default: 0] == 0 { state.inFlight.append(name) }
            state.names[name, default: 0] += 1
            return Item(of: self, in: state, name: name, bytes: bytes)
        }
    }

    /// One item begins, unless the phase is another one: what goes on beside the next phase doesn't count in that.
    public func begin(_ name: String, bytes: Int64 = 0, in phase: Phase) -> Item? {
        state.withLock(\.phase) == phase ? begin(name, bytes: bytes) : nil
    }

    /// The counters now.
    public var snapshot: Snapshot {
        var snapshot = state.withLock { $0 }
        snapshot.bytesMoved = snapshot.bytes.moved.load(ordering: .relaxed)
        snapshot.bytesSkipped = snapshot.bytes.skipped.load(ordering: .relaxed)
        return snapshot
    }

    /// One item of a transfer: a blob, an image, a reference. It counts in the phase that it began in.
    public final class Item: Sendable {
        private let progress: TransferProgress
        private let phaseNumber: Int
        private let all: Bytes
        private let name: String
        private let bytes: Int64
        private let moved = Atomic<Int64>(0)
        private let skipped = Atomic<Int64>(0)
        private let isOver = Atomic<Bool>(false)

        fileprivate init(of progress: TransferProgress, in phase: Snapshot, name: String, bytes: Int64) {
            self.progress = progress
            phaseNumber = phase.phaseNumber
            all = phase.bytes
            self.name = name
            self.bytes = bytes
        }

        /// What was given up isn't under way any more.
        deinit { leave(isDone: false) }

        /// `count` more bytes have moved.
        public func add(_ count: Int) {
            moved.add(Int64(count), ordering: .relaxed)
            all.moved.add(Int64(count), ordering: .relaxed)
        }

        /// `count` bytes needn't move.
        public func skip(_ count: Int64) {
            skipped.add(count, ordering: .relaxed)
            all.skipped.addUpToLimit(count)
        }

        /// All bytes move again: those so far don't count.
        public func restart() {
            all.moved.subtract(moved.exchange(0, ordering: .relaxed), ordering: .relaxed)
            all.skipped.subtract(skipped.exchange(0, ordering: .relaxed), ordering: .relaxed)
        }

        /// The item is done; bytes that haven't moved needed not.
        public func finish() {
            let rest = bytes - moved.load(ordering: .relaxed) - skipped.load(ordering: .relaxed)
            if leave(isDone: true), rest > 0 { all.skipped.addUpToLimit(rest) }
        }

        @discardableResult
        private func leave(isDone: Bool) -> Bool {
            guard !isOver.exchange(true, ordering: .relaxed) else { return false }
            progress.state.withLock { state in
                guard state.phaseNumber == phaseNumber else { return }
                if isDone { state.itemsDone += 1 }
                state.names[name, default: 0] -= 1
                guard state.names[name] == 0 else { return }
                state.names[name] = nil
                state.inFlight.removeAll { $0 == name }
            }
            return true
        }
    }
}

extension Atomic where Value == Int64 {
    /// Adds what others claim, which may be any number.
    fileprivate func addUpToLimit(_ count: Int64) {
        var current = load(ordering: .relaxed)
        while true {
            let (exchanged, original) = compareExchange(
                expected: current,
                desired: current.addingUpToLimit(count),
                ordering: .relaxed
            )
            if exchanged { return }
            current = original
        }
    }
}
