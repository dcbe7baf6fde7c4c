import ContainerImage
import FoundationEssentials
import LibC
import LocalFiles
import Packages
import SystemPackage

extension LoadWorkflow {
    /// The tarball that is written for runtimes which import what is in a folder; nil for others.
    var target: String? {
        switch options.runtime {
        case .k3s: "\(context.value(of: "K3S_DATA_DIR") ?? "/var/lib/rancher/k3s")/agent/images/\(fileName)"
        case .folder(let path): FilePath(path).appending(fileName).string
        case .containerd, .docker, .podman, .kind: nil
        }
    }

    /// The name of the package's file, whatever its format and compression.
    private var fileName: String {
        guard !PackagePath.isStream(options.input) else { return "images.tar" }
        var name = FilePath(options.input).lexicallyNormalized().lastComponent?.string ?? "images"
        for ending in [".gz", ".zst", ".tgz", ".tar"] where name.hasSuffix(ending) && name.count > ending.count {
            name.removeLast(ending.count)
        }
        return name + ".tar"
    }

    /// Makes sure that no image is lost with a file that is replaced: packages of different folders may have one name.
    ///
    /// - Throws: `LoadError.wouldReplace`.
    func checkTarget() async throws {
        guard let target, !options.replaces, FileManager.default.fileExists(atPath: target) else { return }
        let former: [LoadedImage]
        do {
            let package = try await context.package(at: target)
            let metadata = try await RuntimeTags.metadata(
                of: package.trees,
                package.metadata,
                names: package.names,
                documents: [],
                context
            )
            former = Self.expected(package.trees, metadata)
        } catch {
            if error is CancellationError { throw error }
            throw LoadError.wouldReplace(target, [])
        }
        let names = Set(expected.map(\.name))
        let lost = former.map(\.name).filter { !names.contains($0) }
        guard lost.isEmpty else { throw LoadError.wouldReplace(target, lost) }
    }

    /// A file for what can't be streamed.
    func temporaryFile() throws -> String {
        let folder = context.temporaryFolder ?? NamelessFile.defaultFolder
        var template = Array("\(folder)/kbld-load-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw LoadError.noTemporary(folder, "\(Errno(rawValue: errno))") }
        close(descriptor)
        return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }
}
