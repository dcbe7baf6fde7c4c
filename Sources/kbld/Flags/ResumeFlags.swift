import ArgumentParser

/// What is done about what an earlier run left.
struct ResumeFlags: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Keep the layers that a run which was killed has fetched, once their bytes are verified."
    )
    var resume = true
}
