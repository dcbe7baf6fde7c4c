import ArgumentParser
import ContainerImage
import KbldConfiguration
import KbldWorkflows

/// What the documents are, and what in them is an image.
struct FinderFlags: ParsableArguments {
    @Option(
        name: .customLong("type"),
        help: ArgumentHelp(
            "What the files are.",
            discussion: "auto takes .txt for a list of images and finds charts by their Chart.yaml.",
            valueName: "type"
        )
    )
    var type = Kind.auto

    @Option(
        name: .customLong("find"),
        help: ArgumentHelp(
            "Find images in more places: \(ImageFinder.names.joined(separator: ", ")).",
            discussion: "Comma-separated. Repeatable.",
            valueName: "places"
        ),
        completion: .list(ImageFinder.names)
    )
    var find: [String] = []

    @Flag(
        name: .customLong("allow-non-references"),
        help: "Leave what is not an image reference, with a warning."
    )
    var allowNonReferences = false

    @Option(
        name: .customLong("helm-arg"),
        help: ArgumentHelp("Argument for 'helm template'.", discussion: "Repeatable.", valueName: "argument")
    )
    var helmArguments: [String] = []

    @Flag(name: .customLong("with-charts"), help: "Include charts given as oci://.")
    var withCharts = false

    /// What files are.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case auto, yaml, list, chart

        fileprivate var kind: DocumentOptions.Kind {
            switch self {
            case .auto: .auto
            case .yaml: .yaml
            case .list: .list
            case .chart: .chart
            }
        }
    }

    func validate() throws { _ = try finders() }

    private func finders() throws -> Set<ImageFinder> {
        var finders: Set<ImageFinder> = []
        for name in find.flatMap({ $0.split(separator: ",").map(String.init) }) {
            guard let named = ImageFinder.named(name) else {
                let nearest = Spelling.nearest(to: name, among: ImageFinder.names).map { "; did you mean '\($0)'?" }
                throw ValidationError(
                    "--find has no '\(name)'\(nearest ?? ""); known are \(ImageFinder.names.joined(separator: ", "))"
                )
            }
            finders.formUnion(named)
        }
        return finders
    }

    /// How documents are read.
    func options() throws -> DocumentOptions {
        var options = DocumentOptions()
        options.kind = type.kind
        options.finders = try finders()
        options.keepsNonReferences = allowNonReferences
        options.helmArguments = helmArguments
        options.includesCharts = withCharts
        return options
    }
}
