import LibC

/// What a registry allows those who connect to it.
public struct ServerLimits: Sendable {
    /// How many connections are open at once; more wait for their turn.
    public var connections: Int
    /// How long a connection may do nothing while the other side has its turn: without a whole head of a request, or
    /// without a piece of a body.
    public var idleTime: Duration
    /// The same while most connections are taken.
    public var crowdedIdleTime: Duration
    /// After how long an upload that nobody goes on with is given up.
    public var uploadLifetime: Duration

    /// Creates limits.
    public init(
        connections: Int,
        idleTime: Duration = .seconds(60),
        crowdedIdleTime: Duration = .seconds(5),
        uploadLifetime: Duration = .seconds(60 * 60)
    ) {
        self.connections = connections
        self.idleTime = idleTime
        self.crowdedIdleTime = crowdedIdleTime
        self.uploadLifetime = uploadLifetime
    }

    /// Raises the process's limit of open files as far as it may, and gives the limits that fit it.
    ///
    /// Without descriptors nothing works: no connection is taken, no file is opened, and the system's own libraries trap.
    /// So connections never get so many.
    public static func forThisProcess() -> ServerLimits {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return ServerLimits(connections: 256)
        }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return ServerLimits(connections: connections(descriptors: limit.rlim_cur))
    }

    /// How many connections so many descriptors are enough for: each may have a file open in two ways beside its socket.
    static func connections(descriptors: UInt) -> Int {
        let usable = Int(min(descriptors, 1 << 16))
        let reserve = min(96, usable / 2)
        return max(1, (usable - reserve) / 3)
    }
}
