public import KbldConfiguration

/// How documents are read, and what in them is an image.
public struct DocumentOptions: Sendable {
    /// What the files are.
    public enum Kind: String, Sendable, CaseIterable {
        /// Documents; charts where there is a Chart.yaml or a tarball of one, and lists in files that end in .txt.
        case auto
        /// Documents in YAML or JSON.
        case yaml
        /// Lists of images, one a line.
        case list
        /// Helm charts.
        case chart
    }

    /// What the files are.
    public var kind = Kind.auto
    /// Where images are found beside the rules of the documents.
    public var finders: Set<ImageFinder> = []
    /// Whether what isn't a reference stays in the place of one.
    public var keepsNonReferences = false
    /// What `helm template` is given beside the chart.
    public var helmArguments: [String] = []
    /// Whether the charts themselves are among the images, where they are addresses of registries.
    public var includesCharts = false
    /// Whether a chart is an error that can't be rendered; only what it says of its images is read otherwise.
    public var requiresRendering = false
    /// Whether nothing is asked over the network.
    public var isOffline = false

    /// Creates the options of a run that finds images by rules alone.
    public init() {}
}
