import ContainerImage
import FoundationEssentials
import ImageBuild
import KbldConfiguration
import Synchronization

/// Programs that say what a test wants them to, and note how they are called.
final class ScriptedPrograms: BuildPrograms {
    /// What a call prints; nil leaves it to ``usual``.
    typealias Script = @Sendable (ProgramCall) throws -> ProgramOutput?

    /// The ID of every image, and the digest under which registries have it.
    static let id = "sha256:" + String(repeating: "7", count: 64)
    static let digest = "sha256:" + String(repeating: "8", count: 64)

    private let installed: Set<String>
    private let script: Script
    private let noted = Mutex<[ProgramCall]>([])
    private let lines = Mutex<[String]>([])
    private let tagged = Mutex<[String]>([])

    init(installed: Set<String> = ["docker"], _ script: @escaping Script = { _ in nil }) {
        self.installed = installed
        self.script = script
    }

    func has(_ program: String) -> Bool { installed.contains(program) }

    func run(_ call: ProgramCall, line: @escaping @Sendable (String) -> Void) async throws -> ProgramOutput {
        noted.withLock { $0.append(call) }
        line("\(call.program) was here")
        return try script(call) ?? Self.usual(call)
    }

    /// All calls but git's, in their order.
    var calls: [ProgramCall] { noted.withLock(\.self).filter { $0.program != "git" } }

    /// The same as lines, with what differs from run to run replaced.
    var commands: [String] {
        calls.map { Self.fixed(([$0.program] + $0.arguments.map(Self.quoted)).joined(separator: " ")) }
    }

    /// What was logged.
    var log: [String] { lines.withLock(\.self).map(Self.fixed) }

    /// The tags that were put on what was pushed, `REFERENCE TAG`.
    var tags: [String] { tagged.withLock(\.self) }

    private static func quoted(_ argument: String) -> String { argument.contains(" ") ? "'\(argument)'" : argument }

    private static func fixed(_ line: String) -> String {
        line.replacing(#/rand-[0-9]+-[0-9]+/#, with: "RAND").replacing(
            #/\/\S*kbld-(digest|metadata)-\S*/#,
            with: "FILE"
        )
        .replacing(id, with: "ID").replacing(id.dropFirst("sha256:".count), with: "HEX")
        .replacing(digest, with: "DIGEST")
    }

    /// Builds `my/app` from the folder `/`.
    func build(
        _ builder: ImageBuilder,
        image: String = "my/app",
        from path: String = "/",
        to destination: String? = nil,
        tags: [String] = [],
        lookUp: @escaping SourceBuild.LookUp = { _, tag in throw UnknownTag(tag: tag.name) }
    ) async throws -> ResolvedImage {
        let build = SourceBuild(
            programs: self,
            log: { line in self.lines.withLock { $0.append(line) } },
            tag: { url, tags in self.tagged.withLock { $0 += tags.map { "\(url) \($0)" } } },
            lookUp: lookUp
        )
        let matcher = ImageMatcher.image(image)
        return try await build(
            image,
            BuildSource(matcher: matcher, path: path, builder: builder),
            destination.map { BuildDestination(matcher: matcher, newImage: $0, tags: tags) }
        )
    }

    // MARK: What programs say

    /// What each program says when all is well. Folders are in no git repository.
    static func usual(_ call: ProgramCall) throws -> ProgramOutput {
        switch call.program {
        case "git": throw BuildError.failed(command: "git rev-parse", status: "exit status 128", lastLines: [])
        case "pack": return ProgramOutput(standardOutput: "[exporter] *** Image ID: \(id.dropFirst(7))\n")
        case "bazel": return ProgramOutput(standardOutput: "Loaded image ID: \(id)\n")
        case "ko": return ProgramOutput(standardOutput: "ko.local/app:1\n")
        case "kubectl": return ProgramOutput(standardError: "#1 exporting manifest \(digest) 0.0s done\n")
        default: break
        }
        try writeFiles(call)
        if call.arguments.contains("inspect"), let name = call.arguments.last { return inspection(of: name) }
        if call.arguments.first == "buildx" {
            return ProgramOutput(standardError: "#11 pushing manifest for docker.io/x:y@\(digest) 0.2s done\n")
        }
        return ProgramOutput()
    }

    /// Writes the files that the arguments ask for.
    private static func writeFiles(_ call: ProgramCall) throws {
        for (flag, text) in [("--iidfile", id), ("--digestfile", digest)] {
            if let file = call.value(of: flag) { try Data((text + "\n").utf8).write(to: URL(filePath: file)) }
        }
    }

    /// What Docker knows of an image: its digest in the repository of its own name, or others.
    static func inspection(of name: String, id: String = id, digests: [String]? = nil) -> ProgramOutput {
        let repository = name.prefix { $0 != "@" }.split(separator: ":").dropLast().joined(separator: ":")
        let known = (digests ?? ["\(repository)@\(digest)"]).map { "\"\($0)\"" }.joined(separator: ",")
        return ProgramOutput(standardOutput: #"[{"Id":"\#(id)","RepoDigests":[\#(known)]}]"#)
    }
}

extension ProgramCall {
    /// The argument after `flag`.
    func value(of flag: String) -> String? {
        arguments.firstIndex(of: flag).flatMap { arguments.dropFirst($0 + 1).first }
    }
}

/// A tag that no registry has.
struct UnknownTag: Error {
    let tag: String
}
