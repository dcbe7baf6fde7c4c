import LibC
public import SystemPackage

/// A temporary file without a name: it is gone when it is closed, however the process ends.
public enum NamelessFile {
    /// The folder that temporary files go to where none is named: that of the variable `TMPDIR`, else `/var/tmp`, which is
    /// meant for large ones, else `/tmp`.
    public static var defaultFolder: String {
        if let variable = getenv("TMPDIR"), variable.pointee != 0 { return String(cString: variable) }
        return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"
    }

    /// Opens one in `folder`, to be read and written.
    ///
    /// - Throws: `Errno`.
    public static func open(in folder: FilePath) throws(Errno) -> FileDescriptor {
        var template = Array(folder.appending("kbld-XXXXXX").string.utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return FileDescriptor(rawValue: descriptor)
    }

    /// How many bytes there is room for where `descriptor` is; nil if the system doesn't tell.
    public static func room(at descriptor: FileDescriptor) -> Int64? {
        var status = statvfs()
        guard fstatvfs(descriptor.rawValue, &status) == 0 else { return nil }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? nil : Int64(clamping: free)
    }
}
