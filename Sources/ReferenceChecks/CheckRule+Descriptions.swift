extension CheckRule {
    /// What it finds, in a few words.
    public var summary: String {
        switch self {
        case .unpinned: "Image reference without a digest"
        case .latest: "Tag latest, or no tag"
        case .missing: "Image that the registry does not have"
        case .drift: "Tag that names another image now"
        case .tagGone: "Tag that was removed"
        case .newer: "Newer tag of the same scheme"
        case .base: "Base image that has moved"
        case .age: "Image that is too old"
        case .platform: "Image that lacks a platform"
        case .absent: "Image that a package or mirror lacks"
        case .unsigned: "Image without an accepted signature"
        case .lock: "Reference that the lock file disagrees with"
        case .uncheckable: "Reference made of a template or variable"
        case .inconsistent: "Image that is pinned in different ways"
        case .overlooked: "Reference where none is looked for"
        }
    }

    /// What it finds and why that matters, in full.
    public var explanation: String {
        switch self {
        case .unpinned:
            "The reference names an image by its tag alone. A tag can be moved at any time, so that the same file gives "
                + "another image tomorrow. A digest names the same bytes for ever."
        case .latest:
            "The tag is latest, or there is none, which means the same. It says nothing about the version, whether a "
                + "digest is beside it or not, and no newer version can be told from it."
        case .missing:
            "The registry answers that there is no manifest under this digest or tag: it was deleted, or was never "
                + "there. When checked in depth, all images of an index and all their blobs are asked for as well."
        case .drift:
            "The tag that is written beside the digest names another digest by now: a new build was pushed under the "
                + "same tag, often with security fixes. The pinned image is still what runs."
        case .tagGone:
            "The registry does not know the tag any more while the image is still there under its digest. Registries "
                + "delete images without tags sooner or later."
        case .newer:
            "The repository has a tag of the same scheme (the same number of parts, prefix and suffix) with a higher "
                + "version or a later date. Versions are compared as semantic versions, dates as YYYYMMDD; of other "
                + "tags nothing is said."
        case .base:
            "The image says by its annotations org.opencontainers.image.base.name and org.opencontainers.image.base.digest "
                + "which image it was built on, and that tag names another digest by now: the image should be built "
                + "anew."
        case .age:
            "The image was created longer ago than is allowed, by its annotation org.opencontainers.image.created or "
                + "its config. Dates that reproducible builds write in place of one (0001, 1970, 1980) count as "
                + "unknown, and of these nothing is said."
        case .platform:
            "The image is not there for a platform that must be served: no entry of the index is for it, or the single "
                + "image is for another one."
        case .absent:
            "The package does not contain the image, or the mirror does not have it under the name that it would be "
                + "installed under: an installation would fail or reach for the original registry."
        case .unsigned:
            "The image has no signature by one of the keys, or none that the policy accepts, or lacks an attestation "
                + "that was asked for: nobody vouches for what it is."
        case .lock:
            "The lock file has no entry for the reference, or one with another digest, or an entry for a reference "
                + "that no file has: documents and lock were not changed together."
        case .uncheckable:
            "The reference has a template or variable in it, so that nothing can be said about the image. Its values "
                + "have to be checked where they are set."
        case .inconsistent:
            "One tag is pinned to two digests, or one repository is pinned in one place and not in another: parts of "
                + "the same system run different images."
        case .overlooked:
            "A text reads like a reference with a host and a tag, in a place where no references are looked for, such as "
                + "an argument or an environment variable. It is neither pinned nor packaged; a search rule of a "
                + "config document makes it a reference."
        }
    }
}
