/// How the page looks, and how its tables are sorted.
extension ReportPage {
    static let style = """
        :root{--ink:#1c2128;--muted:#68707c;--line:#e4e6e9;--paper:#fafaf8;--card:#fff;--own:#34648f;--shared:#c8823a;
        --saved:#dcdfe4}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--muted:#98a0ab;--line:#2c3138;--paper:#14171b;
        --card:#1b1f24;--own:#467aa8;--shared:#b9772f;--saved:#343a43}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:66rem;padding:clamp(1rem,4vw,3rem);background:var(--paper);color:var(--ink);
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif}
        h1{margin:0;font-size:clamp(1.5rem,4vw,2.25rem);line-height:1.2;font-weight:650;letter-spacing:-.02em;
        overflow-wrap:anywhere}
        h2{margin:0;font-size:1.125rem;font-weight:650}
        .over{margin:0 0 .25rem;color:var(--muted);font-size:.8125rem;letter-spacing:.06em;text-transform:uppercase}
        ul{list-style:none;margin:0;padding:0}
        .tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:1px;margin:2rem 0 1.75rem;background:var(--line);
        border:1px solid var(--line);border-radius:10px;overflow:hidden}
        .tiles li{background:var(--card);padding:1rem 1.125rem}
        .tiles b{display:block;font-size:1.625rem;line-height:1.2;font-weight:600;letter-spacing:-.02em;
        font-variant-numeric:tabular-nums}
        .tiles span{display:block;font-size:.9375rem}
        small,.note,.title p,.legend{color:var(--muted);font-size:.8125rem}
        .bar{display:block;width:100%;height:14px;border-radius:7px;background:var(--line)}
        .legend{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin-top:.625rem}
        .legend b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
        .legend i{display:inline-block;width:.625rem;height:.625rem;border-radius:2px;margin-right:.4375rem}
        .own{fill:var(--own)}.shared{fill:var(--shared)}.saved{fill:var(--saved)}
        i.own{background:var(--own)}i.shared{background:var(--shared)}i.saved{background:var(--saved)}
        section{margin-top:2.75rem}
        .title{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .75rem;margin-bottom:.75rem}
        .title p{margin:0}
        .map{display:block;width:100%;height:clamp(300px,42vw,440px);border-radius:10px}
        .map rect{stroke:var(--paper);stroke-width:1}
        .map rect:hover{fill-opacity:1}
        .map .edge{fill:none;stroke-width:3;pointer-events:none}
        .o0{fill-opacity:1}.o1{fill-opacity:.84}.o2{fill-opacity:.92}.o3{fill-opacity:.76}
        text{fill:#fff;font-size:13px;font-weight:600;pointer-events:none}
        text.sub{font-size:12px;font-weight:400;fill-opacity:.85}
        input{margin-left:auto;width:11rem;max-width:100%;padding:.3125rem .625rem;font:inherit;font-size:.875rem;
        color:inherit;background:var(--card);border:1px solid var(--line);border-radius:7px}
        .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
        table{width:100%;border-collapse:collapse;font-size:.875rem}
        th,td{padding:.5rem .875rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
        thead th{border-top:0;white-space:nowrap}
        .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        button{padding:0;font:inherit;font-size:.8125rem;color:var(--muted);background:none;border:0;cursor:pointer}
        button:hover,[aria-sort] button{color:var(--ink)}
        [aria-sort=ascending] button::after{content:" ↑"}[aria-sort=descending] button::after{content:" ↓"}
        button:focus-visible,input:focus-visible{outline:2px solid var(--own);outline-offset:2px;border-radius:4px}
        .name{font-weight:500;overflow-wrap:anywhere}
        code{margin-left:.5rem;font:.75rem ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;color:var(--muted)}
        td code:first-child{margin-left:0}
        .kind{margin-left:.5rem;padding:.0625rem .375rem;font-size:.75rem;color:var(--muted);
        border:1px solid var(--line);border-radius:5px}
        .mini{display:block;width:100%;max-width:20rem;height:4px;margin-top:.375rem;border-radius:2px}
        tr[hidden]{display:none}
        footer{margin-top:3rem;color:var(--muted);font-size:.8125rem}
        @media (max-width:44rem){.tiles{grid-template-columns:repeat(2,1fr)}.wide{display:none}
        th,td{padding:.5rem .625rem}.title{align-items:center}}
        @media print{body{max-width:none;padding:0}input{display:none}}
        """

    static let script = """
        for (const table of document.querySelectorAll('table')) {
          const body = table.tBodies[0];
          table.tHead.addEventListener('click', event => {
            const cell = event.target.closest('th');
            if (!cell) return;
            const column = cell.cellIndex, isNumber = cell.classList.contains('n');
            const now = cell.getAttribute('aria-sort');
            const descends = now ? now === 'ascending' : isNumber;
            for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
            cell.setAttribute('aria-sort', descends ? 'descending' : 'ascending');
            const value = row => row.cells[column].dataset.v;
            const order = (a, b) => isNumber ? value(a) - value(b) : value(a).localeCompare(value(b));
            const rows = [...body.rows].sort((a, b) => descends ? order(b, a) : order(a, b));
            body.append(...rows);
          });
        }
        document.querySelector('input').addEventListener('input', event => {
          const wanted = event.target.value.toLowerCase();
          for (const row of document.getElementById('images').tBodies[0].rows)
            row.hidden = !row.textContent.toLowerCase().includes(wanted);
        });
        """
}
