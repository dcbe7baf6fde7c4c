import FoundationEssentials
import Testing

/// The port that a program listens on: servers bind to port 0, so no two of them meet, and nothing is chosen beforehand.
enum ListeningPort {
    /// The port of loopback on which the process listens, as soon as it does.
    static func of(_ process: Int32) async throws -> Int {
        for _ in 0..<3000 {
            if let port = find(process) { return port }
            try #require(FileManager.default.fileExists(atPath: "/proc/\(process)/fd"), "the server has ended")
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NotListening(process: process)
    }

    /// A server that doesn't come up.
    private struct NotListening: Error { let process: Int32 }

    private static func find(_ process: Int32) -> Int? {
        let sockets = sockets(of: process)
        guard !sockets.isEmpty else { return nil }
        // Columns: number, local address, remote address, state (0A: listening), queues, timer, retries, user, timeout,
        // inode.
        let table = (try? String(contentsOfFile: "/proc/\(process)/net/tcp", encoding: .utf8)) ?? ""
        for line in table.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ")
            guard columns.count > 9, columns[3] == "0A", sockets.contains(columns[9]) else { continue }
            return columns[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
        }
        return nil
    }

    /// The inodes of the sockets that the process has open.
    private static func sockets(of process: Int32) -> Set<Substring> {
        let folder = "/proc/\(process)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(
            names.compactMap { name in
                guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)"),
                    target.hasPrefix("socket:[")
                else { return nil }
                return target.dropFirst(8).dropLast()
            }
        )
    }
}
