/// How far an upload in chunks is, and what is to be done next: OCI distribution specification, "Pushing a blob in
/// chunks". It sends nothing itself.
package struct ChunkedUpload: Sendable {
    /// What is to be done next.
    package enum Step: Sendable, Equatable {
        /// Send these bytes (PATCH).
        case send(Range<Int64>)
        /// Ask how many bytes there are (GET).
        case ask
        /// End the upload, of which all bytes are there (PUT).
        case finish
        /// Nothing: the last failure stands for this session.
        case giveUp
    }

    /// What came of a step.
    package enum Event: Sendable {
        /// The bytes were taken; `last` is the number of the last byte that is there, where the registry tells.
        case taken(last: Int64?)
        /// The chunk is too large (413).
        case tooLarge
        /// The chunk doesn't go on where the upload is (416).
        case misplaced
        /// Nobody knows what arrived: the connection broke off, or the registry can't serve just now.
        case interrupted
        /// `last` is the number of the last byte that is there.
        case located(last: Int64)
        /// The registry doesn't tell, or doesn't know the upload any more.
        case lost
    }

    /// How many bytes the blob has.
    package let size: Int64
    /// How many bytes a chunk has.
    package private(set) var chunkSize: Int64
    /// The first byte that isn't there.
    package private(set) var offset: Int64 = 0
    /// How often in a row a step brought nothing.
    package private(set) var failures = 0
    /// What is to be done next.
    package private(set) var step: Step

    private let smallest: Int64
    /// The first byte that was never sent: a registry can't have it.
    private var sent: Int64
    private var farthest: Int64 = 0
    /// How often a chunk of this size broke off in a row.
    private var breaks = 0
    /// Where a chunk was misplaced before.
    private var misplaced: Int64?

    /// Creates an upload of `size` bytes.
    ///
    /// - Parameters:
    ///   - chunkSize: How many bytes a chunk has at first.
    ///   - smallest: The smallest chunk that is tried.
    ///   - minimum: The smallest chunk that the registry takes, but for the last.
    ///   - sent: How many bytes were sent already, so that the registry is asked first; nil for a new upload.
    package init(size: Int64, chunkSize: Int64, smallest: Int64, minimum: Int64 = 0, sent: Int64? = nil) {
        self.size = size
        self.chunkSize = max(chunkSize, minimum, 1)
        self.smallest = max(smallest, minimum, 1)
        self.sent = sent ?? 0
        step = .giveUp
        if sent == nil { goOn() } else { step = .ask }
    }

    /// Takes chunks of at most `limit` bytes from now on, as another upload has learnt, but none that is too small.
    package mutating func limit(to limit: Int64) {
        chunkSize = min(chunkSize, max(limit, smallest))
        if case .send = step { goOn() }
    }

    /// Records the outcome of the step.
    package mutating func received(_ event: Event) {
        if case .send(let chunk) = step { sent = max(sent, chunk.upperBound) }
        switch (event, step) {
        case (.taken(let last), .send(let chunk)):
            // Some say 0-0 when they have nothing.
            let end = last.map { $0 == 0 && chunk.upperBound > 1 ? 0 : $0 + 1 } ?? chunk.upperBound
            if end == chunk.upperBound {
                (failures, breaks, misplaced) = (0, 0, nil)
            } else {
                failures += 1
            }
            move(to: end)
        case (.located(let last), .ask):
            let end = last == 0 ? 0 : last + 1
            if end > farthest { failures = 0 }
            move(to: end)
        case (.tooLarge, .send(let chunk)):
            guard let smaller = UploadChunking.size(below: Int64(chunk.count), smallest: smallest) else {
                return step = .giveUp
            }
            chunkSize = smaller
            goOn()
        case (.misplaced, .send(let chunk)):
            failures += 1
            step = misplaced == chunk.lowerBound ? .giveUp : .ask
            misplaced = chunk.lowerBound
        case (.interrupted, _):
            failures += 1
            if case .send(let chunk) = step {
                breaks += 1
                // What breaks off again and again may be too large for somebody on the way.
                if breaks > 1, let smaller = UploadChunking.size(below: Int64(chunk.count), smallest: smallest) {
                    chunkSize = smaller
                }
            }
            step = .ask
        default: step = .giveUp
        }
    }

    private mutating func move(to end: Int64) {
        guard (0...min(sent, size)).contains(end) else { return step = .giveUp }
        farthest = max(farthest, end)
        offset = end
        goOn()
    }

    private mutating func goOn() {
        step = offset < size ? .send(offset..<min(size, offset + min(chunkSize, size - offset))) : .finish
    }
}
