import FoundationEssentials

extension Lab {
    /// Puts a program before all others of its name: it notes its folder and arguments in `calls.log`, then does what
    /// `body` says.
    func standIn(_ program: String, _ body: String) throws {
        let note = #"echo "\#(program) $(basename "$PWD")" "$@" >> "$HOME/calls.log""#
        try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
        try write("#!/bin/sh\n\(note)\n\(body)\n", to: "bin/\(program)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/bin/\(program)")
    }

    /// The calls of stand-ins.
    func calls() throws -> [String] {
        String(decoding: try read("home/calls.log"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Docker as far as builders see it: every image has the same ID.
    static let docker = #"""
        case "$1" in
        inspect) echo '[{"Id":"sha256:\#(String(repeating: "7", count: 64))","RepoDigests":[]}]';;
        esac
        """#

    /// A source in the folder `src`, and a document with its image.
    func source(_ builder: String, file: String = "Containerfile", destination: String? = nil) throws {
        try FileManager.default.createDirectory(atPath: folder + "/src", withIntermediateDirectories: true)
        try write("FROM scratch\nCOPY hello /hello\n", to: "src/\(file)")
        try write("hello\n", to: "src/hello")
        let pushed = destination.map { "destinations: [{image: my/app, newImage: '\($0)'}]\n" } ?? ""
        let head = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n"
        try write("\(head)sources: [{image: my/app, path: src, \(builder)}]\n\(pushed)", to: "conf.yml")
        try write("image: my/app\n", to: "in.yml")
    }
}
