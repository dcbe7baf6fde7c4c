import ContainerImage
import ImageStore
import Presentation
import Testing

@Suite("How far a transfer is, in words")
struct ProgressTextTests {
    private let text = ProgressText(copying: "downloading")

    /// 60 of 120 MiB after ten seconds at 6 MiB/s.
    private func reading(names: [String] = ["lib/app"], total: Int64 = 120 << 20) -> ProgressReading {
        let progress = TransferProgress()
        var meter = ProgressMeter()
        progress.enter(.copy, items: 8, bytes: total)
        let items = names.map { progress.begin($0, bytes: total) }
        _ = meter.read(progress.snapshot, at: .zero)
        for second in 1...10 {
            items[0].add(6 << 20)
            _ = meter.read(progress.snapshot, at: .seconds(second))
        }
        // What nothing refers to any more isn't under way any more.
        return withExtendedLifetime(items) { meter.read(progress.snapshot, at: .seconds(10)) }
    }

    @Test("a line for a log")
    func line() {
        #expect(
            text.line(reading())
                == "downloading: 50% (60.0 MiB of 120 MiB), 0 of 8 blobs, 6.0 MiB/s, 0:10 left"
        )
    }

    @Test("a bar for a terminal is never wider than it", arguments: [10, 20, 40, 60, 80, 200], [true, false])
    func bar(width: Int, isUnicode: Bool) {
        let names = (1...30).map { "library/image-\($0)" }
        let lines = text.bar(reading(names: names), width: width, isUnicode: isUnicode)
        #expect(lines.count == 2)
        for line in lines { #expect(line.count < width) }
        if width >= 80 {
            #expect(lines[0].contains(isUnicode ? "━━━" : "[##"))
            #expect(lines[0].hasSuffix("50%  60.0 MiB of 120 MiB  6.0 MiB/s  0:10 left"))
            #expect(lines[1].hasPrefix("  0 of 8 blobs: library/image-1, library/image-2"))
            #expect(lines[1].contains(", +"))
        }
        if !isUnicode { #expect(lines.allSatisfy { $0.allSatisfy(\.isASCII) }) }
    }

    @Test("names don't move the cursor")
    func hostileNames() {
        let lines = text.bar(reading(names: ["a\u{1B}[2Jb\nc\u{9B}"]), width: 80, isUnicode: true)
        #expect(lines[1] == "  0 of 8 blobs: a?[2Jb?c?")
    }

    @Test("references count where no bytes move")
    func items() {
        let progress = TransferProgress()
        var meter = ProgressMeter()
        progress.enter(.resolve, items: 200)
        _ = meter.read(progress.snapshot, at: .zero)
        for _ in 0..<50 { progress.begin("nginx").finish() }
        let reading = meter.read(progress.snapshot, at: .seconds(2))
        #expect(text.line(reading) == "resolving: 50 of 200 references, 0:06 left")
        #expect(reading.fraction == 0.25 && reading.bytesPerSecond == nil)
    }

    @Test("a rate is that of the last seconds, and begins anew with a phase")
    func rates() {
        let progress = TransferProgress()
        var meter = ProgressMeter()
        progress.enter(.check, items: 1, bytes: 1000)
        let item = progress.begin("a", bytes: 1000)
        item.add(900)
        _ = meter.read(progress.snapshot, at: .zero)
        for second in 1...20 {
            if second > 10 { item.add(1) }
            _ = meter.read(progress.snapshot, at: .seconds(second))
        }
        #expect(meter.read(progress.snapshot, at: .seconds(20)).bytesPerSecond == 1)
        progress.enter(.copy, items: 1, bytes: 1000)
        #expect(meter.read(progress.snapshot, at: .seconds(21)).bytesPerSecond == nil)
    }

    @Test(
        "numbers of bytes",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (102_400, "100 KiB"),
            (1_048_575, "1.0 MiB"), (1 << 20, "1.0 MiB"), (1 << 30, "1.0 GiB"), (-1536, "-1.5 KiB"),
            (Int64.max, "8.0 EiB"), (Int64.min, "-8.0 EiB"),
        ] as [(Int64, String)]
    )
    func byteCounts(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}
