import ContainerImage
import DocumentInput
import FoundationEssentials
import KubernetesYAML
import Resolution

/// Inputs that become documents first: lists of images, and charts.
struct SpecialInputs: Sendable {
    private let options: DocumentOptions
    private let charts: ChartRendering

    init(_ context: WorkflowContext) {
        options = context.documentOptions
        charts = ChartRendering(context)
    }

    /// The documents that `name` becomes; nil for one that has documents.
    func text(of name: String) async throws -> [InputDocuments.Text]? {
        let isAddress = name.hasPrefix("http://") || name.hasPrefix("https://")
        if isAddress, options.isOffline { throw OfflineError(subject: "Reading '\(InputName.shown(name))'") }
        switch options.kind {
        case .yaml: return nil
        case .list: return [try list(name)]
        case .chart: return try await charts.texts(of: name)
        case .auto:
            guard !isAddress, name != "-" else { return nil }
            if name.utf8.suffix(4).elementsEqual(".txt".utf8) { return [try list(name)] }
            return ChartRendering.isChart(name) ? try await charts.texts(of: name) : nil
        }
    }

    private func list(_ name: String) throws -> InputDocuments.Text {
        let images = try ImageList.read(name).map { YAMLValue.map(["image": .string($0)]) }
        return InputDocuments.Text(
            text: YAMLWriter.text(of: .map(["images": .list(images)])),
            name: name == "-" ? "stdin" : InputName.shown(name)
        )
    }
}
