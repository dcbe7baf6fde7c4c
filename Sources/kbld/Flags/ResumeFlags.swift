import ArgumentParser

/// What is done about what an earlier run left.
struct ResumeFlags: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Reuse verified layers from an interrupted run."
    )
    var resume = true
}
