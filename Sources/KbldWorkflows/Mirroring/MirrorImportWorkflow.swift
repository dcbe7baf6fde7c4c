import FoundationEssentials
import KubernetesYAML
public import RegistryMirroring

/// Another program's file becomes a mirror document.
public enum MirrorImportWorkflow {
    /// Translates the file at `path`; `-` is standard input.
    ///
    /// - Throws: `YAMLError`, `MirrorImportError`, and where the file can't be read.
    public static func translate(_ path: String, from format: MirrorImport.Format) throws -> MirrorImport {
        let text = String(decoding: try InputFile.bytes(of: path), as: UTF8.self)
        let name = path == "-" ? "stdin" : path
        return try MirrorImport(try YAMLReader.values(in: text, file: name), from: format, file: name)
    }
}
