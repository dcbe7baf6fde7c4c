public import ContainerImage

/// From where images are read, instead of the registries that their names tell.
public struct MirrorRules: Sendable {
    /// A rule for the repositories of a pattern.
    struct Rule: Sendable {
        var pattern: MirrorPattern
        var mirrors: [MirrorEndpoint] = []
        /// What is asked in place of the registry that the name tells, after the mirrors.
        var origin: MirrorEndpoint?
        var isBlocked = false
        /// Where it is written.
        var place = ""
    }

    /// A place where a repository can be read.
    public struct Place: Sendable, Hashable {
        /// The repository there.
        public var repository: Repository
        /// How the registry is spoken to; nil for the registry of the name, as always.
        public var endpoint: MirrorEndpoint?
    }

    /// Those of one kind: of several that match the longest counts. What kinds give is asked one after the other.
    private var kinds: [[Rule]] = []
    /// Rules for all registries that no other rule of their kind is for.
    private var fallbacks: [Int: (mirrors: [MirrorEndpoint], origin: MirrorEndpoint?)] = [:]
    /// Whether the registry of the name is never asked where there are mirrors of it.
    public var isMirrorOnly = false

    /// Creates rules that change nothing.
    public init() {}

    /// Whether there is any rule.
    public var isEmpty: Bool { kinds.allSatisfy(\.isEmpty) && fallbacks.isEmpty }

    /// All that is spoken to in another way than registries are.
    public var endpoints: [MirrorEndpoint] {
        kinds.flatMap { $0 }.flatMap { $0.mirrors + ($0.origin.map { [$0] } ?? []) }
            + fallbacks.values.flatMap { $0.mirrors + ($0.origin.map { [$0] } ?? []) }
    }

    /// Adds mirrors as `FROM=TO`, in their order.
    ///
    /// - Throws: `MirrorRuleError` for one that is malformed.
    public mutating func add(_ texts: [String]) throws(MirrorRuleError) {
        var rules: [Rule] = []
        for text in texts {
            let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { throw MirrorRuleError(text: text) }
            guard let pattern = MirrorPattern(halves[0]), let mirror = MirrorEndpoint(halves[1]) else {
                throw MirrorRuleError(text: text)
            }
            if let position = rules.firstIndex(where: { $0.pattern == pattern }) {
                rules[position].mirrors.append(mirror)
            } else {
                rules.append(Rule(pattern: pattern, mirrors: [mirror]))
            }
        }
        if !rules.isEmpty { kinds.append(rules) }
    }

    /// Adds what files in the form of containers-registries.conf say; later ones take the place of earlier ones.
    public mutating func add(_ files: [RegistriesConf]) {
        var rules: [Rule] = []
        for rule in files.flatMap(\.rules) {
            rules.removeAll { $0.pattern == rule.pattern }
            rules.append(rule)
        }
        if !rules.isEmpty { kinds.append(rules) }
    }

    /// Adds what the files of containerd's folder say.
    public mutating func add(_ files: [HostsFile]) {
        let rules = files.compactMap(\.rule)
        if let fallback = files.first(where: { $0.registry == nil }) { fallbacks[kinds.count] = fallback.fallback }
        if !rules.isEmpty || fallbacks[kinds.count] != nil { kinds.append(rules) }
    }

    /// The places where `repository` can be read, in the order in which they are asked; nil where there is no rule for it.
    ///
    /// - Parameter isByTag: Whether a tag is asked for, which not every mirror may answer.
    /// - Throws: `BlockedRegistryError`, also where only mirrors are meant and none of them may be asked.
    public func places(
        of repository: Repository,
        byTag isByTag: Bool
    ) throws(BlockedRegistryError) -> [Place]? {
        var mirrors: [Place] = []
        var origin = Place(repository: repository)
        var (isRuled, hasMirrors) = (false, false)
        for (kind, rules) in kinds.enumerated() {
            let matching = rules.compactMap { rule in rule.pattern.rest(of: repository).map { (rule, $0) } }
            let longest = matching.max { $0.0.pattern.length < $1.0.pattern.length }
            if let rule = longest?.0, rule.isBlocked {
                throw BlockedRegistryError(repository: repository, reason: .blocked(place: rule.place))
            }
            let rest = longest?.1 ?? repository.path.split(separator: "/")
            guard let given = longest.map({ ($0.0.mirrors, $0.0.origin) }) ?? fallbacks[kind] else { continue }
            isRuled = true
            hasMirrors = hasMirrors || !given.0.isEmpty
            mirrors += given.0.compactMap { Self.place(in: $0, rest, isByTag) }
            if origin.endpoint == nil, let place = given.1.flatMap({ Self.place(in: $0, rest, false) }) {
                origin = place
            }
        }
        guard isRuled else { return nil }
        let isOriginLeftOut = isMirrorOnly && hasMirrors
        guard !isOriginLeftOut || !mirrors.isEmpty else {
            throw BlockedRegistryError(repository: repository, reason: .noMirror(byTag: isByTag))
        }
        var known: Set<Place> = []
        return (mirrors + (isOriginLeftOut ? [] : [origin])).filter { known.insert($0).inserted }
    }

    private static func place(in endpoint: MirrorEndpoint, _ rest: [Substring], _ isByTag: Bool) -> Place? {
        guard endpoint.answers == .all || (endpoint.answers == .tags) == isByTag else { return nil }
        return endpoint.repository(of: rest).map { Place(repository: $0, endpoint: endpoint) }
    }
}

/// A mirror that isn't written as `FROM=TO`.
public struct MirrorRuleError: Error, Sendable, CustomStringConvertible {
    /// What was given.
    public let text: String

    /// What it should be.
    public var description: String {
        "'\(text)' is not FROM=TO; FROM is a host, host/path or *.host, TO is [http://]host[:port][/path], "
            + "such as docker.io=proxy.corp/dockerhub"
    }
}

/// A registry that may not be asked.
public struct BlockedRegistryError: Error, Sendable, CustomStringConvertible {
    /// Why it may not.
    public enum Reason: Sendable {
        /// A file blocks it; the text says which, and where.
        case blocked(place: String)
        /// Only mirrors are to be asked, and none of them may answer.
        case noMirror(byTag: Bool)
    }

    /// What was to be read.
    public let repository: Repository
    /// Why not.
    public let reason: Reason

    /// What may not be asked, and why.
    public var description: String {
        switch reason {
        case .blocked(let place): "\(repository) is blocked by \(place)"
        case .noMirror(let isByTag):
            "\(repository) is to be read from mirrors alone, and none of them may be asked"
                + (isByTag ? " for a tag; name the image by digest" : " for it")
        }
    }
}
