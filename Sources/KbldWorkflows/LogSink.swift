public import ContainerImage

/// Takes lines for people, one after the other; their hints aren't in words yet.
public typealias LogSink = @Sendable (HintedText) -> Void
