/// What this program is: its own version beside that of the original, the commit, the platform.
enum BuildInformation {
    /// The version of kbld whose commands, flags, files and output this program has.
    static let compatibleVersion = "0.43.0"

    /// The version of this program.
    static let version = "0.5.0"

    /// The platform that it was built for.
    static var platform: String {
        #if os(Linux)
            let system = "linux"
        #else
            let system = "darwin"
        #endif
        #if arch(x86_64)
            return system + "/amd64"
        #elseif arch(arm64)
            return system + "/arm64"
        #else
            return system
        #endif
    }

    /// The line that scripts read: the original's.
    static let compatibleLine = "kbld version \(compatibleVersion)"

    /// What this program is, in a line.
    static var line: String {
        let commit = buildCommit.isEmpty ? "" : ", commit \(buildCommit)"
        return "kbld for Swift \(version)\(commit), \(platform)"
    }
}
