import Presentation

/// How the page looks, and how its tables are sorted.
extension ReportPage {
    static let style =
        PageStyle.base + """
            .tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:1px;margin:2rem 0 1.75rem;background:var(--line);
            border:1px solid var(--line);border-radius:10px;overflow:hidden}
            .tiles li{background:var(--card);padding:1rem 1.125rem}
            .tiles b{display:block;font-size:1.625rem;line-height:1.2;font-weight:600;letter-spacing:-.02em;
            font-variant-numeric:tabular-nums}
            .tiles span{display:block;font-size:.9375rem}
            .bar{display:block;width:100%;height:14px;border-radius:7px;background:var(--line)}
            .legend{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin-top:.625rem;color:var(--muted);font-size:.8125rem}
            .legend b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
            .legend i{display:inline-block;width:.625rem;height:.625rem;border-radius:2px;margin-right:.4375rem}
            .own{fill:var(--own);background:var(--own)}.o1{fill:var(--own1);background:var(--own1)}
            .o2{fill:var(--own2);background:var(--own2)}.o3{fill:var(--own3);background:var(--own3)}
            .shared{fill:var(--shared);background:var(--shared)}.rest{fill:var(--rest);background:var(--rest)}
            .saved{fill:var(--saved);background:var(--saved)}
            .map{display:block;width:100%;height:clamp(300px,42vw,440px);border-radius:10px}
            .map rect{stroke:var(--paper);stroke-width:1}
            .map rect:hover{filter:brightness(1.12)}
            .map .edge{fill:none;stroke-width:3;pointer-events:none}
            .map foreignObject{pointer-events:none}
            .label{display:inline-block;max-width:calc(100% - 4px);margin:2px;padding:.375rem .625rem;border-radius:0 0 8px 0;color:#fff;
            font-size:.8125rem;line-height:1.35}
            .label b,.label span{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
            .label b{font-weight:600}.label span{font-size:.75rem}
            .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
            table{width:100%;border-collapse:collapse;font-size:.875rem}
            th,td{padding:.5rem .875rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);
            font-weight:400}
            thead th{border-top:0;white-space:nowrap}
            .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
            button{padding:0;background:none;border:0}
            button:hover,[aria-sort] button{color:var(--ink)}
            [aria-sort=ascending] button::after{content:" ↑"}[aria-sort=descending] button::after{content:" ↓"}
            .name{font-weight:500;overflow-wrap:anywhere}
            code{margin-left:.25rem;font-size:.75rem}
            th code:first-child{margin-left:0}
            .kind{margin-left:.5rem}
            .narrow{display:none}
            .mini{display:block;width:100%;max-width:20rem;height:4px;margin-top:.375rem;border-radius:2px}
            @media (max-width:44rem){.tiles{grid-template-columns:repeat(2,1fr)}.tiles li{padding:.75rem .875rem}
            .tiles b{font-size:1.375rem}.wide{display:none}.narrow{display:inline}th code{margin-left:0}table{table-layout:fixed}
            th,td{padding:.5rem .625rem}thead .n{width:5.25rem}.title{align-items:center}
            .name{overflow-wrap:break-word}}
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
          const rows = [...document.getElementById('images').tBodies[0].rows];
          let count = 0;
          for (const row of rows) {
            row.hidden = !row.textContent.toLowerCase().includes(wanted);
            count += !row.hidden;
          }
          document.getElementById('images').hidden = !count;
          document.getElementById('found').textContent =
            count ? '' : 'No image matches “' + event.target.value + '”.';
        });
        """
}
