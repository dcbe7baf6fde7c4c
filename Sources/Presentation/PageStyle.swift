/// How pages look: one design for what shows packages and registries to people. It needs nothing from anywhere else.
///
/// Text has a contrast of 4.5 to 1 at least, in light and dark: WCAG 2.2, 1.4.3.
public enum PageStyle {
    /// The style sheet that all pages begin with: colours, text, tables, and what is narrower than 44 rem.
    public static let base = """
        :root{color-scheme:light dark;--ink:#1c2128;--muted:#5f6773;--line:#e4e6e9;--edge:#8a919b;--paper:#fafaf8;
        --card:#fff;--link:#2c577d;--own:#34648f;--own1:#3d7099;--own2:#2c577d;--own3:#356a83;--shared:#a5621a;
        --rest:#5f6773;--saved:#d3d7dc}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--muted:#98a0ab;--line:#2c3138;--edge:#6b737e;
        --paper:#14171b;--card:#1b1f24;--link:#8bb8e0;--own:#3f78a8;--own1:#35699a;--own2:#3a7296;--own3:#416f9f;
        --saved:#343a43}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:66rem;padding:clamp(1rem,4vw,3rem);background:var(--paper);color:var(--ink);
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif}
        h1{margin:0;font-size:clamp(1.5rem,4vw,2.25rem);line-height:1.2;font-weight:650;letter-spacing:-.02em;
        overflow-wrap:anywhere}
        h2{margin:0;font-size:1.125rem;font-weight:650;overflow-wrap:anywhere}
        .over{margin:0 0 .25rem;color:var(--muted);font-size:.8125rem;letter-spacing:.06em;text-transform:uppercase}
        .about{margin:.375rem 0 0;color:var(--muted);font-size:.875rem;overflow-wrap:anywhere}
        ul{list-style:none;margin:0;padding:0}
        section{margin-top:2.75rem}
        .title{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .75rem;margin-bottom:.75rem}
        .title p{margin:0}
        small,.note,.title p{color:var(--muted);font-size:.8125rem}
        input{width:11rem;max-width:100%;padding:.3125rem .625rem;font:inherit;font-size:.875rem;color:inherit;
        background:var(--card);border:1px solid var(--edge);border-radius:7px}
        input::placeholder{color:var(--muted);opacity:1}
        .title input{margin-left:auto}
        button{font:inherit;font-size:.8125rem;color:var(--muted);cursor:pointer}
        :focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
        a{color:var(--link)}
        code{font:.8125rem ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;color:var(--muted)}
        .kind{padding:.0625rem .375rem;font-size:.75rem;color:var(--muted);border:1px solid var(--line);
        border-radius:5px;white-space:nowrap}
        .none{margin:0;padding:1rem;color:var(--muted)}
        .none:empty{display:none}
        [hidden]{display:none}
        .quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        footer{margin-top:3rem;color:var(--muted);font-size:.8125rem}

        """

    /// A name in which lines may break after slashes, and before tags, as the content of an element.
    public static func breakable(_ name: String) -> String {
        HTML.escape(name).replacing("/", with: "/<wbr>")
    }
}
