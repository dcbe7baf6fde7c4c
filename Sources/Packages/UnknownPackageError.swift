public import ContainerImage
public import ImageStore

/// Something that is none of the packages that can be read.
public struct UnknownPackageError: ContentError, HintedError, Sendable {
    /// Where it is.
    public let path: String
    /// What it is.
    public let reason: Reason

    /// What was found instead of a package.
    public enum Reason: Sendable, Equatable {
        /// A folder without a layout.
        case folder
        /// A tarball of something else.
        case tarball
        /// A file that this program compressed, and that has to be decompressed by it.
        case compressed(String)
        /// A file that isn't a tarball.
        case file
        /// One of the files of a package that was cut, which has this index.
        case part(of: String)
    }

    /// What is wrong, with the path and what to do.
    public var message: HintedText {
        let what: HintedText =
            switch reason {
            case .folder: "the folder is not an OCI image layout: it has no 'oci-layout' and 'index.json'"
            case .tarball:
                "the tarball has no 'manifest.json' (kbld, imgpkg, docker save) and no 'oci-layout' with "
                    + "'index.json' (OCI)"
            case .file:
                "this is not a package: it is neither a tarball nor a folder with an OCI image layout"
                    + "\(hint: .passDocuments, after: "; ")"
            case .part(let index): "this is one part of a package; name the index of its parts instead, '\(index)'"
            case .compressed(let program):
                "the file is compressed; decompress it first, with \(program) -dk '\(path)'"
            }
        return "Reading package '\(path)': \(what)"
    }
}
