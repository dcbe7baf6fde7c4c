import ContainerImage
import Testing

@Suite("Sums of sizes that others claim")
struct ByteTotalTests {
    @Test("A sum stays at the largest number there is, in both directions")
    func limits() {
        #expect(Int64.max.addingUpToLimit(1) == .max)
        #expect(Int64.min.addingUpToLimit(-1) == .min)
        #expect(Int64(2).addingUpToLimit(3) == 5)
    }

    @Test("More layers of the largest size than fit into a sum have a total all the same")
    func layers() {
        let sizes = [Int64](repeating: Descriptor.sizeLimit, count: 600_000)
        #expect(sizes.byteTotal { $0 } == .max)
        #expect(sizes.prefix(3).byteTotal { $0 } == 3 * Descriptor.sizeLimit)
    }
}
