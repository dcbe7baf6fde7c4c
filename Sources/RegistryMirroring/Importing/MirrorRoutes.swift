import ContainerImage
import ImageTransfer

/// Where another program puts what is in repositories, and what makes a mirror document put it there as well.
struct MirrorRoutes: Sendable {
    /// Where one repository goes.
    enum Goal: Sendable, Hashable, CustomStringConvertible {
        /// A repository that the file names.
        case repository(Repository)
        /// A path below a place that the file doesn't name.
        case path(String)

        var description: String {
            switch self {
            case .repository(let repository): repository.description
            case .path(let path): path
            }
        }
    }

    /// What a document says of its target.
    struct Placement: Sendable {
        /// The target; nil where it isn't known.
        var target: String?
        var layout = RepositoryLayout.mirrorWithHost
        /// What the layout would put elsewhere: paths below the target.
        var renames: [String: String] = [:]
    }

    private var routes: [(source: Repository, goal: Goal)] = []

    /// Adds a route.
    ///
    /// - Returns: Why a document can't have it beside the others; nil where it can.
    mutating func add(_ source: Repository, to goal: Goal) -> String? {
        if case .repository(let repository) = goal, case .repository(let other)? = routes.first?.goal,
            repository.registry != other.registry
        {
            return "a mirror has one target, which is in \(other.registry)"
        }
        guard let known = routes.first(where: { $0.source == source }) else {
            routes.append((source, goal))
            return nil
        }
        return known.goal == goal ? nil : "a repository has one place in the target, which is \(known.goal)"
    }

    /// The target below which all goals are, and how they are called there.
    func placement() -> Placement {
        var target: RepositoryRoot?
        var goals: [(source: Repository, path: String)] = []
        let repositories = routes.compactMap { route in
            if case .repository(let repository) = route.goal { repository } else { nil }
        }
        if let root = Self.root(of: routes, repositories) {
            target = root
            for (source, goal) in zip(routes.map(\.source), repositories) {
                goals.append((source, String("\(goal)".dropFirst("\(root)/".count))))
            }
        } else {
            for case (let source, .path(let path)) in routes { goals.append((source, path)) }
        }
        let layout = [RepositoryLayout.mirror, .mirrorWithHost].max { left, right in
            Self.misplaced(goals, by: left).count > Self.misplaced(goals, by: right).count
        }
        var placement = Placement(target: target.map { "\($0)" }, layout: layout ?? .mirrorWithHost)
        for (source, path) in Self.misplaced(goals, by: placement.layout) {
            placement.renames[Self.name(of: source)] = path
        }
        return placement
    }

    private static func misplaced(
        _ goals: [(source: Repository, path: String)],
        by layout: RepositoryLayout
    ) -> [(source: Repository, path: String)] {
        goals.filter { $0.path != path(of: $0.source, layout) }
    }

    /// Where a layout puts a repository, below any target.
    private static func path(of source: Repository, _ layout: RepositoryLayout) -> String? {
        do {
            let root = RepositoryRoot(try RegistryHost("target.local"))
            return try layout.repository(for: source, below: root).path
        } catch {
            return nil
        }
    }

    /// A name as people write it.
    static func name(of source: Repository) -> String {
        "\(source.registry == .dockerHub ? "docker.io" : source.registry.name)/\(source.path)"
    }

    /// A place that all of `goals` are below: one for which a layout puts the first of them where it is, if there is such.
    private static func root(
        of routes: [(source: Repository, goal: Goal)],
        _ goals: [Repository]
    ) -> RepositoryRoot? {
        guard let first = goals.first, let source = routes.first?.source else { return nil }
        for layout in [RepositoryLayout.mirrorWithHost, .mirror] {
            guard let path = path(of: source, layout), "\(first)".hasSuffix("/\(path)") else { continue }
            let text = String("\(first)".dropLast(path.utf8.count + 1))
            guard let root = root(text), goals.allSatisfy({ "\($0)".hasPrefix("\(text)/") }) else { continue }
            return root
        }
        var common = first.path.split(separator: "/").dropLast()
        for goal in goals {
            let parts = goal.path.split(separator: "/").dropLast()
            common = common.prefix(zip(common, parts).prefix { $0 == $1 }.count)
        }
        return root(([first.registry.name] + common.map(String.init)).joined(separator: "/"))
    }

    private static func root(_ text: String) -> RepositoryRoot? {
        if let root = RepositoryRoot(registry: text) { return root }
        return (try? Repository(text)).map { RepositoryRoot($0) }
    }
}
