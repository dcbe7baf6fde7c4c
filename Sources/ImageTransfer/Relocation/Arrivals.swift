/// Which images of batches are where they are to go.
struct Arrivals: Sendable {
    /// What isn't there yet.
    let fresh: [ImageBatch]
    /// What is there under its tag, though parts of it may have been lost since.
    let arrived: [ImageBatch]
}
