import ArgumentParser

/// What is done about what an earlier run left.
struct ResumeFlags: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Go on from an interrupted run."
    )
    var resume = true
}
