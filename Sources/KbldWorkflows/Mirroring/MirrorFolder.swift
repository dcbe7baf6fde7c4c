/// The folder of a mirror's file, which paths in the file are relative to.
struct MirrorFolder: Equatable {
    /// With its slash; nothing where that is the folder at hand.
    let path: String

    /// Creates the folder of a file.
    init(of file: String) { path = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "" }

    /// Creates a folder by its path, with its slash.
    init(path: String) { self.path = path }

    /// What `name` is, seen from where the program runs; addresses stay what they are.
    func path(of name: String) -> String { name.hasPrefix("/") || name.contains("://") ? name : path + name }
}
