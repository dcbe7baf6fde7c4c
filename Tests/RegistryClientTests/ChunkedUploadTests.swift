import RegistryClient
import Testing

@Suite("How an upload in chunks goes on")
struct ChunkedUploadTests {
    private static let mebibyte: Int64 = 1 << 20

    private func upload(_ size: Int64, by chunk: Int64, minimum: Int64 = 0, sent: Int64? = nil) -> ChunkedUpload {
        ChunkedUpload(
            size: size * Self.mebibyte,
            chunkSize: chunk * Self.mebibyte,
            smallest: Self.mebibyte,
            minimum: minimum * Self.mebibyte,
            sent: sent.map { $0 * Self.mebibyte }
        )
    }

    private func send(_ first: Int64, _ end: Int64) -> ChunkedUpload.Step {
        .send((first * Self.mebibyte)..<(end * Self.mebibyte))
    }

    private func last(_ end: Int64) -> Int64 { end * Self.mebibyte - 1 }

    @Test("chunk after chunk, whether the registry says how much it has or not")
    func inOrder() {
        var upload = upload(10, by: 4)
        #expect(upload.step == send(0, 4))
        upload.received(.taken(last: nil))
        #expect(upload.step == send(4, 8))
        upload.received(.taken(last: last(8)))
        #expect(upload.step == send(8, 10))
        upload.received(.taken(last: nil))
        #expect(upload.step == .finish)
    }

    @Test("a chunk that is too large is halved, down to the smallest, and the smaller size stays")
    func halving() {
        var upload = upload(100, by: 64)
        for size: Int64 in [32, 16, 8, 4, 2, 1] {
            upload.received(.tooLarge)
            #expect(upload.step == send(0, size))
        }
        upload.received(.taken(last: nil))
        #expect(upload.step == send(1, 2))
        upload.received(.tooLarge)
        #expect(upload.step == .giveUp)
    }

    @Test("what the registry asks for at least is the least")
    func minimum() {
        var upload = upload(20, by: 2, minimum: 5)
        #expect(upload.step == send(0, 5))
        upload.limit(to: Self.mebibyte)
        #expect(upload.step == send(0, 5))
        upload.received(.tooLarge)
        #expect(upload.step == .giveUp)
    }

    @Test("what another upload has learnt counts at once")
    func learning() {
        var upload = upload(20, by: 8)
        upload.received(.taken(last: nil))
        upload.limit(to: 2 * Self.mebibyte)
        #expect(upload.step == send(8, 10))
    }

    @Test("after a break the registry is asked, and what it has isn't sent again")
    func resuming() {
        var upload = upload(10, by: 4)
        upload.received(.interrupted)
        #expect(upload.step == .ask)
        #expect(upload.failures == 1)
        upload.received(.interrupted)
        #expect(upload.failures == 2)
        upload.received(.located(last: last(3)))
        #expect(upload.step == send(3, 7))
        #expect(upload.failures == 0)
    }

    @Test("a chunk that breaks off again and again is halved")
    func breaks() {
        var upload = upload(10, by: 4)
        for size: Int64 in [4, 2, 1, 1] {
            upload.received(.interrupted)
            upload.received(.located(last: 0))
            #expect(upload.step == send(0, size))
        }
        #expect(upload.failures == 4)
    }

    @Test("a chunk out of place is put right once")
    func misplaced() {
        var upload = upload(10, by: 4)
        upload.received(.taken(last: nil))
        upload.received(.misplaced)
        #expect(upload.step == .ask)
        upload.received(.located(last: last(2)))
        #expect(upload.step == send(2, 6))
        upload.received(.taken(last: nil))
        #expect(upload.step == send(6, 10))
        upload.received(.misplaced)
        upload.received(.located(last: last(6)))
        #expect(upload.step == send(6, 10))
        upload.received(.misplaced)
        #expect(upload.step == .giveUp)
    }

    @Test("an end that broke off is gone on with from what the registry has")
    func brokenEnd() {
        var upload = upload(4, by: 4)
        upload.received(.taken(last: last(4)))
        #expect(upload.step == .finish)
        upload.received(.interrupted)
        #expect(upload.step == .ask)
        upload.received(.located(last: last(4)))
        #expect(upload.step == .finish)
        upload.received(.interrupted)
        upload.received(.lost)
        #expect(upload.step == .giveUp)
    }

    @Test("an upload that was begun otherwise is asked for first")
    func goingOn() {
        var upload = upload(10, by: 4, sent: 5)
        #expect(upload.step == .ask)
        upload.received(.located(last: last(5)))
        #expect(upload.step == send(5, 9))
    }

    @Test(
        "a registry can't have what wasn't sent",
        arguments: [4 << 20, (4 << 20) + 1, 10 << 20, 999_999_999_999_999_999] as [Int64]
    )
    func nonsense(last: Int64) {
        var taken = upload(10, by: 4)
        taken.received(.taken(last: last))
        #expect(taken.step == .giveUp)
        var located = upload(10, by: 4, sent: 4)
        located.received(.located(last: last))
        #expect(located.step == .giveUp)
    }

    @Test("a registry that takes a part of a chunk gets the rest; doing so counts as a failure")
    func parts() {
        var upload = upload(10, by: 4)
        upload.received(.taken(last: last(1)))
        #expect(upload.step == send(1, 5))
        #expect(upload.failures == 1)
        upload.received(.taken(last: 0))
        #expect(upload.step == send(0, 4))
        #expect(upload.failures == 2)
        upload.received(.taken(last: nil))
        #expect(upload.failures == 0)
    }

    @Test("a single byte may be there where the registry says 0-0")
    func singleByte() {
        var upload = ChunkedUpload(size: 2, chunkSize: 1, smallest: 1)
        upload.received(.taken(last: 0))
        #expect(upload.step == .send(1..<2))
        upload.received(.taken(last: 1))
        #expect(upload.step == .finish)
    }

    @Test(
        "what a registry says that it has",
        arguments: [
            ("0-0", 0), ("0-1023", 1023), ("bytes=0-9", 9), ("bytes 0-9", 9), ("1-9", nil), ("0-", nil), ("", nil),
            ("0--1", nil), ("0-9/10", nil), ("0-9 ", nil), ("0-999999999999999999", 999_999_999_999_999_999),
            ("0-9999999999999999999", nil), ("bytes=bytes=0-1", nil),
        ] as [(String, Int64?)]
    )
    func range(text: String, last: Int64?) { #expect(UploadRange.last(in: text) == last) }

    @Test(
        "the smallest chunk that a registry names",
        arguments: [
            ("5242880", 5_242_880), ("1", 1), ("0", nil), ("-1", nil), ("x", nil), ("", nil),
            ("9999999999999999999", nil),
        ] as [(String, Int64?)]
    )
    func length(text: String, length: Int64?) { #expect(UploadRange.length(in: text) == length) }
}
