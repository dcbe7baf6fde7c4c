public import ContainerImage
import FoundationEssentials

/// What is to be deleted from a mirror, as a file between finding out and doing.
public struct PrunePlan: Sendable, Equatable, Codable {
    /// A tag that is to be deleted, and what it named.
    public struct Entry: Sendable, Equatable, Hashable, Codable {
        /// The repository in the target.
        public var repository: String
        /// The tag.
        public var tag: String
        /// What it named when the plan was made.
        public var digest: Digest

        /// The name in full.
        public var name: String { "\(repository):\(tag)" }
    }

    var version = 1
    /// The mirror's target.
    public var target: String
    /// The digest of the mirror file.
    public var document: Digest
    /// When the plan was made, in seconds since 1970.
    public var created: Int64
    /// How many tags there were in the repositories that the document maps to.
    public var total: Int
    /// What is to be deleted.
    public var tags: [Entry]
    /// Repositories that are mirrored and are known to have no tags any more; nil for none.
    public var gone: [String]?

    /// Creates a plan.
    public init(
        target: String,
        document: Digest,
        created: Int64,
        total: Int,
        tags: [Entry],
        gone: [Repository] = []
    ) {
        self.target = target
        self.document = document
        self.created = created
        self.total = total
        self.tags = tags
        self.gone = gone.isEmpty ? nil : gone.map(\.description)
    }

    /// Reads a plan.
    ///
    /// - Throws: `PruneRefusal.malformed`.
    public init(decoding bytes: [UInt8], path: String) throws(PruneRefusal) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .malformed(path)
        }
        guard version == 1, total >= 0 else { throw .malformed(path) }
    }

    /// The plan as text.
    public func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// Makes sure that the plan may be carried out.
    ///
    /// - Parameters:
    ///   - document: The digest of the mirror file as it is.
    ///   - target: The target that it has.
    ///   - repositories: Those that it maps to; nil for as many as it knows by itself.
    ///   - now: Seconds since 1970.
    ///   - maximalAge: How old the plan may be, in seconds.
    ///   - limit: How much of all tags may be deleted, in percent.
    /// - Throws: `PruneRefusal`.
    public func check(
        document: Digest,
        target: String,
        now: Int64,
        maximalAge: Int64,
        limit: Double
    ) throws(PruneRefusal) {
        guard target == self.target else { throw .otherTarget(self.target, target) }
        guard document == self.document else { throw .otherDocument }
        let (age, overflow) = now.subtractingReportingOverflow(created)
        guard !overflow, age <= maximalAge, age >= -300 else { throw .tooOld(seconds: age, limit: maximalAge) }
        try check(limit: limit, total: total)
    }

    /// Makes sure that no more goes than is allowed.
    ///
    /// - Parameters:
    ///   - limit: How much of all tags may be deleted, in percent.
    ///   - total: How many tags there are.
    /// - Throws: `PruneRefusal.tooMany`.
    public func check(limit: Double, total: Int) throws(PruneRefusal) {
        guard Double(tags.count) * 100 <= limit * Double(max(total, 0)) else {
            throw .tooMany(tags.count, of: total, limit: limit)
        }
    }
}

/// Why nothing is deleted.
public enum PruneRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file is no plan.
    case malformed(String)
    /// The plan is for another target.
    case otherTarget(String, String)
    /// The mirror file was changed since.
    case otherDocument
    /// The plan is too old.
    case tooOld(seconds: Int64, limit: Int64)
    /// It would delete more than is allowed.
    case tooMany(Int, of: Int, limit: Double)
    /// A tag names something else than it did.
    case moved(PrunePlan.Entry, Digest)
    /// A tag is in a repository that the mirror file doesn't map to.
    case foreign(PrunePlan.Entry)
    /// A tag that is to be kept now, or that the mirror hasn't set.
    case kept(PrunePlan.Entry)
    /// A tag of whose repository it can't be found out now what is to be kept, and why.
    case unknown(PrunePlan.Entry, [String])
    /// A repository that is said to be gone, and of which the mirror file wants no list of tags.
    case unlisted(String)
    /// What the mirror file names couldn't be found out.
    case unknownSelection(String)

    /// Why, and what to do.
    public var description: String {
        switch self {
        case .malformed(let path): "'\(path)' is not a plan to prune; make one anew"
        case .otherTarget(let planned, let target):
            "Refusing to prune: the plan is for \(planned), and the mirror file for \(target)"
        case .otherDocument:
            "Refusing to prune: the mirror file has changed since the plan was made; make the plan anew"
        case .tooOld(let seconds, _) where seconds < 0:
            "Refusing to prune: the plan was made \(Self.hours(Int64(clamping: seconds.magnitude))) from now, by its own account; set the clock, or make "
                + "the plan anew"
        case .tooOld(let seconds, let limit):
            "Refusing to prune: the plan is \(Self.hours(seconds)) old, and may be \(Self.hours(limit)); make it anew"
        case .tooMany(let count, let total, let limit):
            "Refusing to prune: \(count) of \(total) tags would be deleted, and at most \(Self.number(limit)) % may be"
        case .moved(let entry, let digest):
            "Refusing to prune: \(entry.name) named \(entry.digest) when the plan was made, and names \(digest) now; "
                + "nothing was deleted; make the plan anew"
        case .foreign(let entry):
            "Refusing to prune: the mirror file doesn't map to the repository of \(entry.name)"
        case .kept(let entry):
            "Refusing to prune: \(entry.name) isn't the mirror's own, or is to be kept by now; nothing was deleted; "
                + "make the plan anew"
        case .unknown(let entry, let reasons):
            "Refusing to prune: whether \(entry.name) is to be kept can't be found out now; nothing was deleted: "
                + Count.first(reasons, atMost: 3, separator: "; ")
        case .unlisted(let name):
            "'\(name)' is not a repository whose list of tags the mirror file asks for"
        case .unknownSelection(let subject):
            "Refusing to prune: what the mirror file names can't be found out: \(subject)"
        }
    }

    private static func hours(_ seconds: Int64) -> String {
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        guard seconds.magnitude >= 7200 else { return Count.text(Int(seconds / 60), "minute") }
        return minutes == 0 ? "\(hours) hours" : "\(hours) hours and \(Count.text(Int(minutes), "minute"))"
    }

    private static func number(_ limit: Double) -> String {
        limit == limit.rounded() && limit.magnitude < 1e9 ? "\(Int(limit))" : "\(limit)"
    }
}
