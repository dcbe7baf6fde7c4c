import Presentation

/// How the page looks, and what its buttons do.
extension FrontPage {
    static let style =
        PageStyle.base + """
            main{margin-top:1.5rem}
            section{margin-top:2rem}
            input{width:100%;padding:.5rem .75rem;font-size:1rem}
            article{padding:.875rem 1.125rem;background:var(--card);border:1px solid var(--line);border-radius:10px}
            article+article{margin-top:.5rem}
            .line{display:flex;gap:1rem;justify-content:space-between;align-items:baseline}
            h3{margin:0;font-size:1rem;font-weight:600;overflow-wrap:anywhere}
            h3 code{font-size:.875rem;font-weight:400}
            .tag{display:inline-block;margin:0 .375rem .25rem 0;padding:0 .5rem;color:#fff;background:var(--own);
            border-radius:5px}
            .size{color:var(--muted);font-size:.875rem;white-space:nowrap;font-variant-numeric:tabular-nums}
            .facts{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;margin:.25rem 0 .375rem;
            font-size:.875rem}
            .facts .kind{white-space:normal;overflow-wrap:anywhere}
            summary{cursor:pointer;color:var(--link);font-size:.875rem;width:max-content}
            .command,.digest{display:grid;grid-template-columns:3.5rem 1fr auto;gap:.25rem .75rem;align-items:start;
            margin:.5rem 0 0}
            .command span,.digest span{color:var(--muted);font-size:.8125rem}
            .command code,.digest code{color:var(--ink);overflow-wrap:anywhere}
            .command button{padding:.0625rem .5rem;background:var(--paper);border:1px solid var(--edge);border-radius:5px}
            .command button:hover{color:var(--ink)}
            @media (max-width:44rem){.command,.digest{grid-template-columns:1fr auto}.command code,.digest code{
            grid-column:1/-1;grid-row:2}article{padding:.75rem .875rem}}
            """

    static let script = """
        document.addEventListener("click",async e=>{const b=e.target.closest("button[data-copy]");if(!b)return;\
        try{await navigator.clipboard.writeText(b.dataset.copy);b.textContent="Copied"}\
        catch{const r=document.createRange();r.selectNodeContents(b.previousElementSibling);\
        const s=getSelection();s.removeAllRanges();s.addRange(r);b.textContent="Selected"}\
        setTimeout(()=>b.textContent="Copy",1500)});\
        const f=document.getElementById("filter");f?.addEventListener("input",()=>{const t=f.value.toLowerCase();\
        let all=0;for(const s of document.querySelectorAll("section")){let n=0;const h=s.querySelector("h2").textContent;\
        for(const a of s.querySelectorAll("article")){const m=(h+" "+a.textContent).toLowerCase().includes(t);\
        a.hidden=!m;n+=m}s.hidden=!n;all+=n}\
        document.getElementById("found").textContent=all?"":"No image matches “"+f.value+"”."});
        """
}
