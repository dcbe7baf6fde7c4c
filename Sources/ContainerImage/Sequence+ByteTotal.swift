/// Sums of sizes that others claim. They stay at the largest number there is instead of overflowing: no sum of real
/// contents comes near it.
extension Int64 {
    /// The sum with `other`, as far as numbers go.
    public func addingUpToLimit(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}

extension Sequence {
    /// The sum of the sizes of all elements, in bytes, as far as numbers go.
    public func byteTotal(_ size: (Element) throws -> Int64) rethrows -> Int64 {
        try reduce(0) { $0.addingUpToLimit(try size($1)) }
    }
}
