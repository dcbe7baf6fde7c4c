import RegistryClient
import Testing

@Suite("Where uploads break off")
struct UploadMeterTests {
    private static let mebibyte = 1 << 20

    /// What the meter says to each of some breaks, after so many mebibytes.
    private static func answers(_ breaks: [Double]) -> [Int64?] {
        let meter = UploadMeter()
        return breaks.map { place in
            meter.restart()
            meter.add(Int(place * Double(mebibyte)) / 2)
            meter.add(Int(place * Double(mebibyte)) / 2)
            return meter.brokeOff()
        }
    }

    @Test("two breaks at about the same place are a limit: the smaller one", arguments: [(64.0, 60.0), (8, 9)])
    func limit(first: Double, second: Double) {
        let smaller = Int64(min(first, second)) * Int64(Self.mebibyte)
        #expect(Self.answers([first, second]) == [nil, smaller])
    }

    @Test(
        "one break, breaks at different places, and breaks at the beginning are faults of the connection",
        arguments: [[64], [64, 20], [64, 20, 50], [0.5, 0.5], [0, 0], [64, 0.5]] as [[Double]]
    )
    func fault(breaks: [Double]) {
        #expect(Self.answers(breaks) == breaks.map { _ in nil })
    }

    @Test("a mismatch counts the first time alone")
    func mismatch() {
        let meter = UploadMeter()
        #expect(meter.isFirstMismatch())
        #expect(!meter.isFirstMismatch())
    }
}
