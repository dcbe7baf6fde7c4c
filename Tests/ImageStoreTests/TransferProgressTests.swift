import ContainerImage
import ImageStore
import NIOCore
import Testing

@Suite("The progress of a transfer")
struct TransferProgressTests {
    @Test("bytes and items count while they move, and names are in the order in which they began")
    func counting() {
        let progress = TransferProgress()
        progress.enter(.copy, items: 3, bytes: 30)
        let one = progress.begin("lib/one", bytes: 10)
        let other = progress.begin("lib/two", bytes: 10)
        let again = progress.begin("lib/one", bytes: 10)
        one.add(4)
        one.add(6)
        other.add(3)
        #expect(progress.snapshot.inFlight == ["lib/one", "lib/two"])
        one.finish()
        #expect(progress.snapshot.inFlight == ["lib/one", "lib/two"])
        again.finish()
        let snapshot = progress.snapshot
        #expect(snapshot.inFlight == ["lib/two"])
        #expect(snapshot.itemsDone == 2 && snapshot.itemsTotal == 3)
        #expect(snapshot.bytesMoved == 13 && snapshot.bytesSkipped == 10 && snapshot.bytesTotal == 30)
    }

    @Test("what begins again counts once, what is given up isn't done")
    func restarting() {
        let progress = TransferProgress()
        progress.enter(.copy, items: 2, bytes: 20)
        let item = progress.begin("a", bytes: 10)
        item.add(7)
        item.restart()
        item.add(10)
        item.finish()
        item.finish()
        do { _ = progress.begin("b", bytes: 10) }
        let snapshot = progress.snapshot
        #expect(snapshot.bytesMoved == 10 && snapshot.bytesSkipped == 0)
        #expect(snapshot.itemsDone == 1 && snapshot.inFlight == [])
    }

    @Test("a new phase begins at zero")
    func phases() {
        let progress = TransferProgress()
        #expect(progress.snapshot.phase == nil)
        progress.enter(.read, items: 0)
        progress.expect(items: 5)
        progress.begin("a", bytes: 4).finish()
        #expect(progress.snapshot.itemsTotal == 5)
        progress.enter(.copy, items: 1, bytes: 9)
        let snapshot = progress.snapshot
        #expect(snapshot.phase == .copy && snapshot.phaseNumber == 2)
        #expect(snapshot.itemsDone == 0 && snapshot.itemsTotal == 1 && snapshot.bytesSkipped == 0)
    }

    @Test("what began in an earlier phase doesn't count in the next")
    func earlierPhase() {
        let progress = TransferProgress()
        progress.enter(.check, items: 1, bytes: 9)
        let item = progress.begin("a", bytes: 9)
        progress.enter(.copy, items: 1, bytes: 9)
        let next = progress.begin("a", bytes: 9)
        item.add(4)
        item.finish()
        let snapshot = progress.snapshot
        #expect(snapshot.bytesMoved == 0 && snapshot.bytesSkipped == 0 && snapshot.itemsDone == 0)
        #expect(snapshot.inFlight == ["a"])
        next.finish()
        #expect(progress.snapshot.itemsDone == 1)
    }

    @Test("the outcome has the blobs of all phases in which they move, and what was there already")
    func outcome() {
        let progress = TransferProgress()
        progress.enter(.check, items: 1, bytes: 5)
        progress.begin("lib/one", bytes: 5, in: .check)?.add(5)
        progress.count(images: 2, layers: 3, present: 100)
        progress.enter(.copy, items: 2, bytes: 20)
        // Verifying goes on beside copying.
        #expect(progress.begin("lib/two", bytes: 5, in: .check) == nil)
        let item = progress.begin("lib/one", bytes: 10)
        item.add(4)
        item.finish()
        progress.enter(.push, items: 1)
        progress.enter(.copy, items: 1, bytes: 7)
        progress.begin("lib/two", bytes: 7).add(7)
        progress.count(layers: 1)
        let outcome = progress.outcome
        #expect(outcome.images == 2 && outcome.layers == 4 && outcome.bytesMoved == 11 && outcome.bytesPresent == 106)
        #expect(progress.snapshot.bytesDone == 7)
    }

    @Test("a body that is read twice counts once")
    func body() async throws {
        let bytes = [UInt8](repeating: 7, count: 1000)
        let blob = Descriptor(mediaType: .octetStream, digest: Digest(of: bytes), size: 1000)
        let progress = TransferProgress()
        progress.enter(.copy, items: 1, bytes: blob.size)
        let item = progress.begin("a", bytes: blob.size)
        let pieces = [ByteBuffer(bytes: bytes.prefix(400)), ByteBuffer(bytes: bytes.dropFirst(400))]
        for _ in 0..<2 {
            let body = BlobBody(
                AsyncThrowingStream<ByteBuffer, any Error> { continuation in
                    for piece in pieces { continuation.yield(piece) }
                    continuation.finish()
                }
            )
            for try await _ in body.verified(as: blob, counting: item) {}
        }
        #expect(progress.snapshot.bytesMoved == 1000)
    }
}
