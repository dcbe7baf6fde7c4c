import ContainerImage
import Presentation

/// The page that shows people what a registry has and how to pull it: one file, without anything from elsewhere.
struct FrontPage {
    /// A repository.
    struct RepositoryListing {
        let name: String
        let images: [Image]
    }

    /// What one or more tags name.
    struct Image {
        let digest: Digest
        let mediaType: String
        let tags: [String]
        let platforms: [String]
        /// Nil for an index, and for what isn't known.
        let facts: ImageFacts?
        /// Nil if it would take too long to find.
        let size: Int64?
        /// How many platforms a sparse index lists; nil where all of them are there.
        var platformsInIndex: Int?

        /// The tags that people gave it.
        var names: [String] { tags.filter { (try? Tag($0))?.standsForDigest != true } }
    }

    let repositories: [RepositoryListing]
    let host: String
    let isSecure: Bool
    let isWritable: Bool
    let nonce: String

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(HTML.escape(host)) · container images</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <header>
        <p class="over">Container registry</p>
        <h1>\(HTML.escape(host))</h1>
        <p class="about">\(summary)</p>
        </header>
        <main>
        \(repositories.isEmpty ? "" : Self.filter)
        \(repositories.isEmpty ? "<p class=\"none\">There are no images here yet.</p>" : repositories.map(section).joined())
        </main>
        <footer>Served by kbld · \(isWritable ? "takes pushes" : "read-only") · <a href="/v2/_catalog">catalog as
        JSON</a></footer>
        <script nonce="\(nonce)">\(Self.script)</script>
        </body>
        </html>

        """
    }

    private static let filter = """
        <input id="filter" type="search" placeholder="Filter by name, tag, platform or digest" aria-label="Filter images">
        <p class="none" id="found" role="status"></p>
        """

    private var summary: String {
        let images = repositories.flatMap(\.images)
        let tags = images.map(\.names.count).reduce(0, +)
        return "\(Self.count(Set(images.map(\.digest)).count, "image")) in "
            + "\(Self.count(repositories.count, "repository", "repositories"))"
            + (tags > 0 ? ", with \(Self.count(tags, "tag"))" : "")
            + (repositories.count == RepositoryListing.limit
                ? " (the first \(RepositoryListing.limit); the rest is in the catalog)" : "")
    }

    private func section(_ repository: RepositoryListing) -> String {
        """
        <section>
        <div class="title"><h2>\(PageStyle.breakable(repository.name))</h2></div>
        \(repository.images.map { article($0, in: repository.name) }.joined())
        </section>

        """
    }

    private func article(_ image: Image, in name: String) -> String {
        let digest = "\(image.digest.algorithm.rawValue):\(image.digest.hex.prefix(12))"
        let title = image.names.first.map { "\(name):\($0)" } ?? "\(name)@\(digest)"
        let reference = "\(host)/\(name)" + (image.names.first.map { ":\($0)" } ?? "@\(image.digest)")
        let commands = commands(for: reference, isSparse: image.platformsInIndex != nil).map { tool, command in
            """
            <div class="command"><span>\(tool)</span><code>\(HTML.escape(command))</code>\
            <button type="button" data-copy="\(HTML.escape(command))" \
            aria-label="Copy the \(tool) command for \(HTML.escape(title))">Copy</button></div>
            """
        }
        let heading =
            image.names.isEmpty
            ? "<h3><code>\(digest)</code></h3>"
            : "<h3>\(image.names.map { "<span class=\"tag\">\(HTML.escape($0))</span>" }.joined(separator: " "))</h3>"
        var platforms = image.platforms.map { "<li>\(HTML.escape($0))</li>" }
        if let count = image.platformsInIndex {
            platforms.append("<li>sparse: \(image.platforms.count) of \(count) platforms</li>")
        }
        return """
            <article>
            <div class="line">\(heading)<span class="size">\(image.size.map { "\(ByteCount($0))" } ?? "")</span></div>
            <ul class="facts"><li class="kind">\(HTML.escape(Self.kind(image)))</li>\(platforms.joined())</ul>
            <details><summary>Pull<span class="quiet"> \(HTML.escape(title))</span></summary>
            <p class="digest"><span>digest</span><code>\(image.digest)</code></p>\(commands.joined())</details>
            </article>

            """
    }

    private func commands(for reference: String, isSparse: Bool) -> [(tool: String, command: String)] {
        let off = isSecure ? "" : " --tls-verify=false"
        let copy = "skopeo copy" + (isSparse ? "" : " --all") + (isSecure ? "" : " --src-tls-verify=false")
        return [
            ("podman", "podman pull\(off) \(reference)"),
            ("docker", "docker pull \(reference)"),
            ("skopeo", "\(copy) docker://\(reference) oci-archive:image.tar"),
            ("crane", "crane pull\(isSecure ? "" : " --insecure") \(reference) image.tar"),
        ]
    }

    /// What it is: an artifact with its type.
    private static func kind(_ image: Image) -> String {
        guard let facts = image.facts else { return MediaType(image.mediaType).isIndex ? "index" : "image" }
        return facts.kind == .artifact ? "artifact: \(facts.type)" : facts.kind.rawValue
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }
}
