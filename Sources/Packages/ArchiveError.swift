public import ContainerImage
public import ImageStore

/// What can go wrong with a package on disk.
public enum ArchiveError: ContentError, Sendable {
    /// The operating system refused something.
    case file(path: String, doing: String, reason: String)
    /// The tarball is damaged.
    case damaged(path: String, entry: String?, reason: HintedText)
    /// `manifest.json` isn't what it must be.
    case badManifest(path: String, reason: HintedText)
    /// Something that the package must hold is not in it.
    case missingEntry(path: String, name: String)
    /// Of a package that was cut into files, some aren't there as they must be.
    case badParts(path: String, [PartProblem], of: Int)
    /// A package would be cut into more files than its index holds.
    case tooManyParts(path: String, count: Int64, smallest: Int64)
    /// Several packages are given, and this one isn't a volume.
    case noVolume(path: String)
    /// A volume isn't one of the package that another one is of.
    case otherVolumes(path: String, first: String)
    /// No package can be put into volumes of this size.
    case smallVolumes(path: String, size: Int64, least: Int64)
    /// A delta leaves this layer out.
    case omitted(path: String, Digest)
    /// None of several packages has these layers, as these volumes are missing.
    case layersMissing([Digest], volumes: [Int] = [])
    /// Of an index there are two different selections, and not the whole.
    case filteredTwice(DigestReference)
    /// In a stream, something else comes before `manifest.json`.
    case manifestNotFirst(path: String, String)
    /// A layer has two sizes in two manifests.
    case conflictingSizes(Digest, Int64, Int64)
    /// An index with images for several platforms, where a format can have but one.
    case severalPlatforms(DigestReference)
    /// An artifact, where nothing is there that a format can have.
    case nothingToRun(DigestReference)
    /// An image with layers that aren't distributable, where a format needs all of them.
    case lacksLayers(DigestReference)
    /// A name that is longer than runtimes take.
    case longName(String)
    /// A layer whose size no file can have.
    case tooLarge(Digest, Int64)
    /// A manifest or config is no UTF-8 text, so that JSON can't hold it unaltered.
    case notText(DigestReference)
    /// There is not enough room for the package.
    case noSpace(path: String, needed: Int64)
    /// The package is compressed, and can't be decompressed.
    case compressed(path: String, reason: String)
    /// There can be no file in the folder that the package's bytes would go into.
    case temporaryFolder(path: String, Purpose, folder: String, reason: String)
    /// There is not enough room for the package's bytes.
    case noRoom(path: String, Purpose, folder: String, needed: Int64)
    /// Nobody reads the stream that the package is written to any more.
    case readerLeft(path: String)
    /// There is not a byte in the package.
    case empty(path: String)
    /// The package would be read from a terminal.
    case terminalInput(path: String)
    /// The package would go to a terminal.
    case terminal(path: String)

    /// What a temporary file is for.
    public enum Purpose: Sendable {
        /// A package that is compressed.
        case decompressing
        /// A package that comes as a stream.
        case keeping
    }

    /// What failed, on which file and entry.
    public var message: HintedText {
        switch self {
        case .file(let path, let doing, let reason): "\(doing) '\(path)': \(reason)"
        case .damaged(let path, let entry, let reason):
            "Reading package '\(path)'\(entry.map { ", entry '\($0)'" } ?? ""): \(reason)"
        case .badManifest(let path, let reason): "Reading package '\(path)', entry 'manifest.json': \(reason)"
        case .missingEntry(let path, let name):
            "Reading package '\(path)': the entry '\(name)' is missing; re-create the package"
        case .badParts(let path, let problems, let count):
            "Reading package '\(path)': \(PartProblem.summary(of: problems, among: count))"
        case .tooManyParts(let path, let count, let smallest):
            "Writing package '\(path)': it would be \(count) parts, but 9999 are the most; take parts of at least "
                + "\(smallest) bytes"
        case .noVolume(let path):
            "Reading package '\(path)': several packages can be given only where each is a volume of the same one, and "
                + "this is not a volume; unpackage it separately"
        case .otherVolumes(let path, let first):
            "Reading package '\(path)': it is not a volume of the same package as '\(first)'"
        case .smallVolumes(let path, let size, let least):
            "Writing package '\(path)': volumes of \(size) bytes are too small; the least possible are \(least) bytes, as "
                + "each volume has all manifests"
        case .omitted(let path, let digest):
            "Reading package '\(path)': it is a delta that omits \(digest)"
                + "\(hint: .mergeDelta, after: "; ")"
        case .layersMissing(let digests, let volumes):
            "Merging packages: none of the packages has these layers"
                + (volumes.isEmpty ? "" : "; give volume \(volumes.map(String.init).joined(separator: ", ")) as well")
                + ":\(digests.map { "\n- \($0)" }.joined())"
        case .filteredTwice(let index):
            "The packages have \(index) filtered to different platforms; package it once for all that are needed"
        case .manifestNotFirst(let path, let name):
            "Reading package '\(path)': its first entry is '\(name)', but a stream must begin with 'manifest.json'; "
                + "give the package as a file"
        case .conflictingSizes(let digest, let one, let other):
            "Layer \(digest) has \(one) bytes in one manifest and \(other) in another"
        case .severalPlatforms(let reference):
            "\(reference) has images for several platforms, and a docker-archive holds one of each"
                + "\(hint: .namePlatform, after: "; ")"
        case .lacksLayers(let reference):
            "\(reference) has non-distributable layers that weren't packaged, and a docker-archive needs all layers"
                + "\(hint: .includeNonDistributable, after: "; ")"
        case .nothingToRun(let reference):
            "\(reference) is not an image that runs, and a docker-archive holds only such; choose another format"
        case .longName(let name):
            "the name '\(name)' has \(name.utf8.count) characters; runtimes take no more than \(LayoutNaming.limit)"
        case .tooLarge(let digest, let size): "Layer \(digest) claims \(size) bytes, more than a package can hold"
        case .notText(let reference): "The manifest or config of \(reference) is not UTF-8 and can't be packaged"
        case .noSpace(let path, let needed):
            "Writing package '\(path)': there is not enough space for its \(ByteCount(needed)); write it to another disk"
        case .compressed(let path, let reason): "Reading package '\(path)': \(reason)"
        case .temporaryFolder(let path, .decompressing, let folder, let reason):
            "Reading package '\(path)', which is compressed: decompressing it in '\(folder)': \(reason)"
                + "\(hint: .nameTemporaryFolder, after: "; ")"
        case .temporaryFolder(let path, .keeping, let folder, let reason):
            "Reading package '\(path)', which is a stream: keeping it in '\(folder)': \(reason)"
                + "\(hint: .nameTemporaryFolder, after: "; ")"
        case .noRoom(let path, .decompressing, let folder, let needed):
            "Reading package '\(path)', which is compressed: there is not enough space in '\(folder)' to decompress it, "
                + "at least \(ByteCount(needed))\(hint: .nameTemporaryFolder, after: "; ")"
        case .noRoom(let path, .keeping, let folder, let needed):
            "Reading package '\(path)', which is a stream: there is not enough space in '\(folder)' to keep it, at least "
                + "\(ByteCount(needed))\(hint: .nameTemporaryFolder, after: "; ")"
        case .readerLeft(let path):
            "Writing package to \(path): the reader closed the pipe before the package was complete"
        case .empty(let path):
            "Reading package '\(path)': it is empty"
        case .terminalInput(let path):
            "Reading package from \(path): it is a terminal; name the package's file, or pipe the package into it"
        case .terminal(let path):
            "Writing package to \(path): it is a terminal; redirect it to a file\(hint: .nameOutput, after: ", or ")"
        }
    }
}

extension ArchiveError: MultilineError {
    /// What failed; a line for each of several layers.
    public var lines: [HintedText] {
        switch self {
        case .layersMissing, .badParts: break
        default: return [message]
        }
        return description.split(separator: "\n").map { HintedText(String($0)) }
    }
}
