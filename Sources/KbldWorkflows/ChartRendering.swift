import ContainerImage
import DocumentInput
import FoundationEssentials
import ImageBuild
import KbldConfiguration
import KubernetesYAML
import Resolution

/// The documents of a Helm chart: what its templates give, and what it says of its images.
struct ChartRendering: Sendable {
    private let context: WorkflowContext
    private let programs: InstalledPrograms

    init(_ context: WorkflowContext) {
        self.context = context
        programs = InstalledPrograms(path: context.variables["PATH"] ?? "")
    }

    /// Whether `name` is the folder of a chart, a tarball of one, or a chart in a registry.
    static func isChart(_ name: String) -> Bool {
        if name.hasPrefix("oci://") || name.utf8.suffix(4).elementsEqual(".tgz".utf8) { return true }
        return FileManager.default.fileExists(atPath: name + "/Chart.yaml")
    }

    /// Whether a document is what a chart says of itself, or its own reference, and nothing that helm has rendered.
    static func isNote(_ document: YAMLDocument) -> Bool {
        guard case .map(let map) = document.value else { return false }
        let file = document.file
        return file.hasSuffix("/Chart.yaml") && map.keys == ["annotations"]
            || file.hasSuffix("/Images.lock") && map["kind"]?.stringValue == "ImagesLock"
            || file.hasPrefix("oci://") && map.keys == ["chart"]
    }

    /// The documents of the chart `name`.
    ///
    /// - Throws: `ChartError`.
    func texts(of name: String) async throws -> [InputDocuments.Text] {
        let isAddress = name.hasPrefix("oci://")
        if isAddress, context.documentOptions.isOffline {
            throw OfflineError(subject: "Reading chart '\(name)'")
        }
        let shown = InputName.shown(name)
        var texts = isAddress ? [] : try await metadata(of: name)
        if isAddress, context.documentOptions.includesCharts { texts.append(Self.chart(name, context)) }
        guard programs.has("helm") else {
            guard !isAddress else { throw ChartError(name: shown, reason: "helm isn't installed, which fetches it") }
            guard !context.documentOptions.requiresRendering else {
                throw ChartError(
                    name: shown,
                    reason: "helm isn't installed, which renders it, so its images aren't known"
                )
            }
            let found: HintedText =
                context.documentOptions.finders.contains(.annotations)
                ? "only its annotations are read" : "only its annotations are read, if they are to be searched"
            context.warning("helm isn't installed to render the chart '\(InputName.shown(name))': \(found)")
            return texts
        }
        let arguments = ["template", name] + context.documentOptions.helmArguments
        texts.append(InputDocuments.Text(text: try await run("helm", arguments, of: shown), name: shown))
        return texts
    }

    /// A chart that is an artifact of a registry travels as an image does.
    private static func chart(_ name: String, _ context: WorkflowContext) -> InputDocuments.Text {
        var reference = String(name.dropFirst("oci://".count))
        let arguments = context.documentOptions.helmArguments
        if let flag = arguments.firstIndex(of: "--version"), flag + 1 < arguments.count, !reference.contains("@") {
            // Registries allow no plus sign in tags; helm writes an underscore.
            reference += ":" + arguments[flag + 1].replacing("+", with: "_")
        }
        let text = YAMLWriter.text(of: .map(["chart": .map(["image": .string(reference)])]))
        return InputDocuments.Text(text: text, name: name)
    }

    /// Chart.yaml, for its annotations, and Images.lock.
    private func metadata(of name: String) async throws -> [InputDocuments.Text] {
        var texts: [InputDocuments.Text] = []
        for file in ["Chart.yaml", "Images.lock"] {
            let shown = "\(InputName.shown(name))/\(file)"
            let path = "\(name)/\(file)"
            let text: String
            if FileManager.default.fileExists(atPath: path) {
                let bytes: [UInt8]
                do {
                    bytes = try SmallFile.bytes(of: path, limit: 16 << 20)
                } catch {
                    throw ChartError(name: shown, reason: error.reason)
                }
                text = String(decoding: bytes, as: UTF8.self)
            } else {
                let isFolder = FileManager.default.fileExists(atPath: name + "/Chart.yaml")
                guard !isFolder else { continue }
                guard let entry = try await entry(file, of: name) else { continue }
                text = entry
            }
            guard file == "Chart.yaml" else {
                texts.append(InputDocuments.Text(text: text, name: shown))
                continue
            }
            let chart = try YAMLReader.values(in: text, file: shown).first
            guard let annotations = chart?["annotations"], annotations.mapValue != nil else { continue }
            texts.append(
                InputDocuments.Text(text: YAMLWriter.text(of: .map(["annotations": annotations])), name: shown)
            )
        }
        return texts
    }

    /// A file of a tarball, below its one folder; nil where there is none.
    private func entry(_ file: String, of tarball: String) async throws -> String? {
        let path = tarball.hasPrefix("-") ? "./" + tarball : tarball
        let shown = InputName.shown(tarball)
        let names = try await run("tar", ["-tzf", path], of: shown).split(separator: "\n")
        guard let name = names.first(where: { $0.split(separator: "/").count == 2 && $0.hasSuffix("/\(file)") }) else {
            guard file != "Chart.yaml" else { throw ChartError(name: shown, reason: "it has no Chart.yaml") }
            return nil
        }
        return try await run("tar", ["-xzOf", path, "--", String(name)], of: shown)
    }

    private func run(_ program: String, _ arguments: [String], of name: String) async throws -> String {
        do {
            return try await programs.run(ProgramCall(program: program, arguments: arguments)) { _ in }.standardOutput
        } catch let error as BuildError {
            throw ChartError(name: name, reason: "\(error)")
        }
    }
}

/// A chart that can't be rendered.
package struct ChartError: Error, Sendable, CustomStringConvertible {
    /// The chart.
    package let name: String
    /// What is wrong.
    package let reason: String

    /// The chart and the reason.
    package var description: String { "Reading chart '\(name)': \(reason)" }
}
