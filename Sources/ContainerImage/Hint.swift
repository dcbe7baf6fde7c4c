/// What people can do about an error, or which setting it came from.
///
/// Libraries name it; the program, which alone knows its flags and commands, has the words for it.
public enum Hint: Sendable, Hashable, CaseIterable {
    /// Resolve the documents first.
    case resolve
    /// Resolve for one platform alone.
    case choosePlatform
    /// Take less of an index: the setting that names a platform.
    case filterIndex
    /// Let an index of which less is taken have a new digest.
    case changeDigest
    /// Keep the digest of an index whose images don't all come along.
    case keepIndexWhole
    /// Keep images apart, each under its own path.
    case mirrorLayout
    /// Let images have the tags that they had.
    case tagWithOrigin
    /// Include signatures in a package.
    case includeSignatures
    /// Allow a check to upload something.
    case allowPush
    /// Name the platform that is meant.
    case namePlatform
    /// Allow images to be built.
    case allowBuilds
    /// Log in to the registry.
    case logIn
    /// Name the authority that signed the registry's certificate.
    case trustAuthority
    /// Leave the registry's certificate unchecked.
    case skipVerification
    /// Let the registry be spoken to over plain HTTP.
    case allowPlainHTTP
    /// The setting that names files of certificates to trust.
    case certificateFiles
    /// The setting that says how long a registry may stay silent.
    case idleTimeout
    /// Name a repository that has the layers a delta leaves out.
    case nameBase
    /// Make a delta whole.
    case mergeDelta
    /// Name the file that a package is written to.
    case nameOutput
    /// Package layers that aren't distributable, too.
    case includeNonDistributable
    /// Compress a package as it is written.
    case compress
    /// Upload to a registry without a path, where images keep theirs.
    case wholeRegistry
    /// Replace what is there.
    case replace
    /// How another folder is named for temporary files.
    case nameTemporaryFolder
    /// Name the files of the documents.
    case nameDocuments
    /// Give a package as such.
    case passPackage
    /// Give documents as such.
    case passDocuments
    /// The setting that tells what the other side has.
    case base
    /// The setting that names a lock file of kbld's own.
    case lockFile
    /// Tell tags by documents or a lock, or record them in the package.
    case tags
    /// The settings that name a server's certificate and key.
    case serverCertificate
    /// Take `latest` for a tag that isn't written.
    case defaultTag
    /// Write a digest into the field of a tag.
    case tagField
    /// Say that a repository is known to have no tags any more.
    case confirmAbsence
    /// Include layers that aren't distributable.
    case includeForeignLayers
    /// Take the tags that are there for a mirror's own.
    case adoptTags
    /// List a folder of an image, or write it to disk.
    case listFolder
}
