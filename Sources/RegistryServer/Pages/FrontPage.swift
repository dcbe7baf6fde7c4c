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
        /// Nil if it would take too long to find.
        let size: Int64?
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
        <title>Images at \(HTML.escape(host))</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <header>
        <h1>Images at <b>\(HTML.escape(host))</b></h1>
        <p>\(summary)</p>
        <input id="filter" type="search" placeholder="Filter by name, tag or digest" aria-label="Filter">
        </header>
        <main>
        \(repositories.isEmpty ? "<p class=\"empty\">There are no images here yet.</p>" : repositories.map(section).joined())
        </main>
        <footer>Served by kbld · <a href="/v2/_catalog">catalog</a> · \(isWritable ? "takes pushes" : "read-only")</footer>
        <script nonce="\(nonce)">\(Self.script)</script>
        </body>
        </html>

        """
    }

    private var summary: String {
        let images = repositories.flatMap(\.images)
        return "\(Self.count(Set(images.map(\.digest)).count, "image")) in "
            + "\(Self.count(repositories.count, "repository", "repositories"))"
            + (repositories.count == RepositoryListing.limit
                ? " (the first \(RepositoryListing.limit); the rest is in the catalog)" : "")
    }

    private func section(_ repository: RepositoryListing) -> String {
        """
        <section>
        <h2>\(HTML.escape(repository.name))</h2>
        \(repository.images.map { article($0, in: repository.name) }.joined())
        </section>

        """
    }

    private func article(_ image: Image, in name: String) -> String {
        let reference = "\(host)/\(name)@\(image.digest)"
        let commands = commands(for: reference).map { tool, command in
            """
            <div class="command"><span>\(tool)</span><code>\(HTML.escape(command))</code>\
            <button type="button" data-copy="\(HTML.escape(command))">Copy</button></div>
            """
        }
        let marks = image.platforms.map { "<li>\(HTML.escape($0))</li>" }
        let names = image.tags.filter { !$0.hasPrefix("kbld-sha256-") }
        let tags = names.map { "<li class=\"tag\">\(HTML.escape($0))</li>" }
        let size = image.size.map { "\(ByteCount($0))" } ?? ""
        return """
            <article>
            <div class="line"><code>\(image.digest)</code><span class="size">\(size)</span></div>
            <ul>\((tags + marks).joined())<li class="kind">\(Self.kind(image.mediaType))</li></ul>
            <details><summary>Pull</summary>\(commands.joined())</details>
            </article>

            """
    }

    private func commands(for reference: String) -> [(tool: String, command: String)] {
        let off = isSecure ? "" : " --tls-verify=false"
        let sourceOff = isSecure ? "" : " --src-tls-verify=false"
        return [
            ("podman", "podman pull\(off) \(reference)"),
            ("docker", "docker pull \(reference)"),
            ("skopeo", "skopeo copy --all\(sourceOff) docker://\(reference) oci-archive:image.tar"),
            ("crane", "crane pull\(isSecure ? "" : " --insecure") \(reference) image.tar"),
        ]
    }

    private static func kind(_ mediaType: String) -> String {
        MediaType(mediaType).isIndex ? "index" : "image"
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    private static let style = """
        :root{color-scheme:light dark;--line:light-dark(#d8dee4,#30363d);--soft:light-dark(#57606a,#8b949e);\
        --card:light-dark(#fff,#161b22);--back:light-dark(#f6f8fa,#0d1117);--mark:light-dark(#ddf4ff,#12304d);\
        --green:light-dark(#dafbe1,#12361d)}
        body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem;background:var(--back)}
        h1{font-size:1.4rem;margin:0;font-weight:400}h2{font-size:1.05rem;margin:1.6rem 0 .5rem;overflow-wrap:anywhere}
        header p,footer{color:var(--soft);margin:.2rem 0 1rem}footer{margin-top:2rem;font-size:.85rem}
        input{width:100%;box-sizing:border-box;padding:.5rem .7rem;font:inherit;border:1px solid var(--line);\
        border-radius:6px;background:var(--card)}
        article{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem;margin:.5rem 0}
        .line{display:flex;gap:1rem;justify-content:space-between;align-items:baseline}
        code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
        .size{white-space:nowrap;color:var(--soft);font-variant-numeric:tabular-nums}
        ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem;margin:.4rem 0;padding:0}
        li{background:var(--mark);border-radius:99px;padding:0 .6rem;font-size:.8rem}li.tag{background:var(--green)}
        li.kind{background:none;border:1px solid var(--line);color:var(--soft)}
        summary{cursor:pointer;color:var(--soft)}
        .command{display:grid;grid-template-columns:4rem 1fr auto;gap:.6rem;align-items:start;margin:.4rem 0}
        .command span{color:var(--soft)}button{font:inherit;font-size:.8rem;cursor:pointer}
        .empty{color:var(--soft)}
        """

    private static let script = """
        document.addEventListener("click",async e=>{const b=e.target.closest("button[data-copy]");if(!b)return;\
        try{await navigator.clipboard.writeText(b.dataset.copy);b.textContent="Copied"}\
        catch{const r=document.createRange();r.selectNodeContents(b.previousElementSibling);\
        const s=getSelection();s.removeAllRanges();s.addRange(r);b.textContent="Selected"}\
        setTimeout(()=>b.textContent="Copy",1500)});\
        const f=document.getElementById("filter");f.addEventListener("input",()=>{const t=f.value.toLowerCase();\
        for(const s of document.querySelectorAll("section")){let n=0;const h=s.querySelector("h2").textContent;\
        for(const a of s.querySelectorAll("article")){const m=(h+" "+a.textContent).toLowerCase().includes(t);\
        a.hidden=!m;n+=m}s.hidden=!n}});
        """
}
