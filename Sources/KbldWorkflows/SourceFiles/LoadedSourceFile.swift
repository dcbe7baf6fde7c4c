import LibC
public import SourceReferences
package import SystemPackage

/// A file as it was read, and what tells whether it has changed since.
public struct LoadedSourceFile: Sendable {
    /// Its content.
    public let source: SourceFile
    /// The file itself, where links have been followed; nil for standard input.
    package let target: FilePath?
    let state: State?

    /// What a change of a file changes.
    struct State: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }

        /// The state of the file at `path`; nil if there is none.
        init?(of path: FilePath) {
            var status = stat()
            guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
            self.init(status)
        }
    }

    /// Whether it is one of a chart's templates, whose values are what people write.
    public var isChartTemplate: Bool {
        guard var folder = target?.removingLastComponent() else { return false }
        while let name = folder.lastComponent {
            let chart = folder.removingLastComponent()
            if name.string == "templates", State(of: chart.appending("Chart.yaml")) != nil { return true }
            folder = chart
        }
        return false
    }

    /// Whether the file is as it was read.
    var isUnchanged: Bool { target.map { State(of: $0) == state } ?? true }
}
