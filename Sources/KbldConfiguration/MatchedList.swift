/// Things that are for some references each, such as overrides; the first for a reference is found at once, however many
/// there are.
public struct MatchedList<Element: Sendable>: Sendable {
    private let elements: [Element]
    private var images: [String: Int] = [:]
    private var repositories: [String: Int] = [:]

    /// Creates a list of `elements`; of several that match, the first wins.
    ///
    /// - Parameter matcher: Which references an element is for.
    public init(_ elements: [Element], by matcher: (Element) -> ImageMatcher) {
        self.elements = elements
        for (position, element) in elements.enumerated() {
            switch matcher(element) {
            case .image(let image): if images[image] == nil { images[image] = position }
            case .imageRepo(let repository): if repositories[repository] == nil { repositories[repository] = position }
            }
        }
    }

    /// The first element for `reference`, as written in a document.
    public func first(for reference: String) -> Element? {
        var position = images[reference]
        if !repositories.isEmpty, let other = repositories[ImageMatcher.repository(of: reference) ?? reference] {
            position = min(position ?? other, other)
        }
        return position.map { elements[$0] }
    }
}
