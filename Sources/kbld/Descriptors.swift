import LibC

/// The file descriptors that the program may have.
enum Descriptors {
    /// How many files may be open at once.
    static let limit: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }()

    /// What event loops, threads and the program's own files take, and some to spare.
    private static let reserve = 3 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) + 24

    /// How many connections to one registry there may be: fewer where few files may be open.
    static var connectionsPerHost: Int { max(2, min(64, (limit - reserve) / 3)) }

    /// Raises a low limit as far as that is allowed. What was closed of standard input, output and error is open already:
    /// `CProcessStart` sees to it before anything else can take their numbers.
    ///
    /// - Throws: `TooFewDescriptorsError`.
    static func prepare() throws(TooFewDescriptorsError) {
        raise()
        guard limit >= reserve else { throw TooFewDescriptorsError(allowed: limit, needed: reserve) }
    }

    private static func raise() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < 4096, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = min(4096, limit.rlim_max)
        _ = setrlimit(resource, &limit)
    }
}

/// A limit on open files that is too low to do anything.
struct TooFewDescriptorsError: Error, CustomStringConvertible {
    let allowed: Int
    let needed: Int

    var description: String {
        "only \(allowed) files may be open at once, and at least \(needed) are needed; raise the limit with 'ulimit -n'"
    }
}
