import ContainerImage
import ImageStore
import LibC
import SystemPackage

/// Why a file isn't the part of a package that its name says.
public struct PartProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file's name.
    public let name: String
    /// What is wrong with it: `is missing`.
    let reason: String
    let kind: PackageIssue.Kind
    /// Whether it is another part of the package, and so only has the wrong name.
    let isExchanged: Bool

    private init(_ part: VolumeIndex.Part, _ kind: PackageIssue.Kind, _ reason: String, isExchanged: Bool = false) {
        (name, self.kind, self.reason, self.isExchanged) = (part.name, kind, reason, isExchanged)
    }

    /// What is wrong with a file by its sum; nil if nothing is.
    init?(_ part: VolumeIndex.Part, ofSum sum: String, in index: VolumeIndex) {
        guard sum != part.sha256 else { return nil }
        if let position = index.parts.firstIndex(where: { $0.sha256 == sum }) {
            let other = "has the bytes of part \(position + 1), \(index.parts[position].name)"
            self.init(part, .altered, other, isExchanged: true)
        } else {
            self.init(part, .altered, "is altered: its SHA-256 is \(sum)")
        }
    }

    /// What is wrong with a file by its size; nil if nothing is. One that is as large as another part may be that.
    init?(_ part: VolumeIndex.Part, in folder: FilePath, of index: VolumeIndex) {
        let path = folder.appending(part.name)
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else {
            self.init(part, .missing, errno == ENOENT ? "is missing" : "can't be read: \(Errno(rawValue: errno))")
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            self.init(part, .missing, "is not a file")
            return
        }
        let size = Int64(status.st_size)
        guard size != part.size else { return nil }
        if index.parts.contains(where: { $0.size == size }),
            let sum = try? Self.sum(of: path, size: size),
            let problem = Self(part, ofSum: sum, in: index), problem.isExchanged
        {
            self = problem
        } else {
            self.init(part, .size, "has \(size) of \(part.size) bytes")
        }
    }

    /// The SHA-256 of a file of `size`, in hexadecimal digits.
    static func sum(of path: FilePath, size: Int64, counting item: TransferProgress.Item? = nil) throws -> String {
        let file = try RandomAccessFile(plain: path.string)
        let slice = FileSlice(file: file, offset: 0, size: size, name: path.lastComponent?.string ?? path.string)
        return try slice.digest(by: .sha256, counting: item).hex
    }

    /// What to do about `problems` of so many parts, and a line for each.
    static func summary(of problems: [Self], among count: Int) -> String {
        let advice = problems.allSatisfy(\.isExchanged) ? "rename them" : "get them again"
        let verb = problems.count == 1 ? "is" : "are"
        return "\(problems.count) of its \(count) parts \(verb) not there as needed; \(advice):"
            + problems.map { "\n- \($0)" }.joined()
    }

    /// The name, and what is wrong.
    public var description: String { "\(name) \(reason)" }
}
