public import ContainerImage

/// Takes log lines, one after the other; their hints aren't in words yet.
public typealias LogSink = @Sendable (HintedText) -> Void
