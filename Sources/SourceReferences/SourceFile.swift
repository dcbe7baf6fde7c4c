public import ContainerImage
public import KbldConfiguration

/// A file that people write, and the image references in it.
///
/// Nothing is written to disk here. Edits come as a list, and what comes of them is read again: it must say the same as
/// before but for the references that were edited.
public struct SourceFile: Sendable {
    /// The path, as it is shown.
    public let path: String
    /// What is in it.
    public let bytes: [UInt8]
    /// What it is.
    public let kind: SourceFileKind

    /// Creates a file of a known kind.
    public init(path: String, bytes: [UInt8], kind: SourceFileKind) {
        self.path = path
        self.bytes = bytes
        self.kind = kind
    }

    /// The references in the order in which they are written, those included that can't be edited.
    ///
    /// - Parameter rules: Where Kubernetes documents have references, `Configuration.rules`.
    /// - Throws: `SourceFileError` with the line for a file that can't be read as what it is.
    public func references(
        by rules: [SearchRule] = SearchRule.defaults
    ) throws(SourceFileError) -> [SourceReference] { [] }

    /// Texts that could be references, with a host and a tag or digest, in places where none are looked for.
    ///
    /// - Throws: `SourceFileError` as above.
    public func overlooked(
        by rules: [SearchRule] = SearchRule.defaults
    ) throws(SourceFileError) -> [SourceReference] { [] }

    /// What it takes to write `digest` at `reference`, which is one of this file's; empty where it is written already.
    ///
    /// - Throws: `SourceFileError` where the reference can't be edited.
    public func edits(
        pinning reference: SourceReference,
        to digest: Digest,
        as form: PinForm
    ) throws(SourceFileError) -> [SourceEdit] { [] }

    /// What it takes to remove the digest from `reference`; empty where there is none, or no tag is known.
    ///
    /// - Throws: `SourceFileError` where the reference can't be edited.
    public func edits(unpinning reference: SourceReference) throws(SourceFileError) -> [SourceEdit] { [] }

    /// The file with `edits`, read again and compared.
    ///
    /// - Throws: `SourceFileError` where it would say anything else that it said before.
    public func applying(_ edits: [SourceEdit]) throws(SourceFileError) -> SourceFile { self }
}
