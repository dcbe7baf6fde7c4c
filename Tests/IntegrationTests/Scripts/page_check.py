"""Looks at a page in a headless Chromium, narrow and wide, light and dark, and tells what people can't read or use.

usage: page_check.py URL [--pictures FOLDER]

Prints a line for each fault, and the number of texts that were measured; the status is 1 if there are faults. Chromium
is spoken to by a pipe (--remote-debugging-pipe), so no port is taken.
"""
import base64
import fcntl
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CHECK = r"""
(() => {
  const faults = [], say = (what, element) =>
    faults.push(what + (element ? ': ' + element.outerHTML.slice(0, 160) : ''));
  const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.quiet');
  const channel = text => {
    const parts = text.match(/[\d.]+/g).map(Number);
    const scale = text.startsWith('color(') ? 255 : 1;
    return [...parts.slice(0, 3).map(p => p * scale), parts[3] ?? 1];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = color => {
    const [r, g, b] = color.map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const background = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const color = channel(getComputedStyle(e).backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] === 1) break;
    }
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return layers.reverse().reduce((below, top) => over(top, below), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  };
  let measured = 0;
  const contrast = (element, style, what) => {
    const below = background(element);
    const color = channel(style.color);
    for (let e = element; e; e = e.parentElement) color[3] *= getComputedStyle(e).opacity;
    const [a, b] = [luminance(over(color, below)), luminance(below)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + .05) / (b + .05);
    measured++;
    if (ratio < (isLarge ? 3 : 4.5)) say(`contrast of ${what} is ${ratio.toFixed(2)}`, element);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || parent.closest('script, style, title') || !shown(parent)) continue;
    if (parent instanceof SVGElement) say('text in a picture has no contrast that is known', parent);
    else contrast(parent, getComputedStyle(parent), 'text');
  }
  for (const input of document.querySelectorAll('input[placeholder]'))
    contrast(input, getComputedStyle(input, '::placeholder'), 'a placeholder');

  const root = document.documentElement;
  if (!root.lang) say('the page has no language');
  if (!document.title.trim()) say('the page has no title');
  if (!document.querySelector('main')) say('the page has no main part');
  if (root.scrollWidth > innerWidth) say(`the page is ${root.scrollWidth} wide`);
  for (const e of document.querySelectorAll('body *'))
    if (shown(e) && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth)
      say('something is cut off', e);
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) say(`a heading of level ${next} follows one of level ${level}`, heading);
    if (!heading.textContent.trim()) say('a heading is empty', heading);
    level = next;
  }
  if (document.querySelectorAll('h1').length !== 1) say('there is not one h1');
  const name = e => (e.getAttribute('aria-label') ?? (e.labels?.[0] ?? e).textContent).trim();
  const names = new Map();
  for (const e of document.querySelectorAll('button, a, input, summary')) {
    if (!name(e)) say('a control has no name', e);
    const key = e.tagName + name(e) + (e.closest('table')?.id ?? '');
    if (names.has(key)) say(`two controls have the name '${name(e)}'`, e);
    names.set(key, e);
  }
  for (const table of document.querySelectorAll('table')) {
    if (!table.getAttribute('aria-label') && !table.caption) say('a table has no name', table);
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    if (!heads.length || heads.some(h => h.tagName !== 'TH' || h.scope !== 'col')) say('a table has no heads', table);
    for (const row of table.tBodies[0].rows)
      if (!row.querySelector('th[scope=row]')) say('a row has no head', row);
  }
  for (const picture of document.querySelectorAll('svg'))
    if (!picture.parentElement.closest('svg') && picture.getAttribute('aria-hidden') !== 'true'
        && !(picture.getAttribute('role') === 'img' && picture.getAttribute('aria-label')))
      say('a picture has no name', picture);
  return {faults, measured};
})()
"""

# A filter that nothing fits says so, and without it all is there again.
FILTER = r"""
(() => {
  const input = document.querySelector('input[type=search]');
  if (!input) return [];
  const rows = () => [...document.querySelectorAll('#images tbody tr, article')].filter(e => e.checkVisibility()).length;
  const type = text => { input.value = text; input.dispatchEvent(new Event('input')); };
  const before = rows(), faults = [];
  type('nothing is called this');
  const words = document.querySelector('[role=status]');
  if (rows()) faults.push('a filter that nothing fits shows something');
  if (!words?.checkVisibility() || !words.textContent.includes('nothing is called this'))
    faults.push('a filter that nothing fits is not told');
  type('');
  if (rows() !== before || words?.textContent) faults.push('without a filter not all is there');
  return faults;
})()
"""


class Browser:
    """A Chromium that listens on a pipe: NUL-terminated JSON, Chrome DevTools protocol."""

    def __init__(self, folder):
        to_browser, from_browser = os.pipe(), os.pipe()
        # Above 3 and 4, which Chromium reads from and writes to.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser[0], from_browser[1])]

        def become():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
             f"--user-data-dir={folder}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=become,
            pass_fds=(3, 4))
        for end in (*ends, to_browser[0], from_browser[1]):
            os.close(end)
        self.output, self.input = os.fdopen(to_browser[1], "wb"), os.fdopen(from_browser[0], "rb")
        self.count, self.pending, self.session = 0, b"", None

    def receive(self):
        while b"\0" not in self.pending:
            more = os.read(self.input.fileno(), 1 << 20)
            if not more:
                sys.exit("chromium has ended")
            self.pending += more
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.output.write(json.dumps(message).encode() + b"\0")
        self.output.flush()
        while (answer := self.receive()).get("id") != self.count:
            pass
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def open(self, url):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        result = self.call("Page.navigate", url=url)
        if result.get("errorText"):
            sys.exit(f"{url}: {result['errorText']}")
        while self.receive().get("method") != "Page.loadEventFired":
            pass

    def show(self, width, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def evaluate(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            sys.exit(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def picture(self, path):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait()


def main():
    url = sys.argv[1]
    pictures = pathlib.Path(sys.argv[3]) if sys.argv[2:3] == ["--pictures"] else None
    faults, measured = [], 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(folder)
        browser.open(url)
        for width in (400, 1280):
            for scheme in ("light", "dark"):
                browser.show(width, scheme)
                if pictures:
                    browser.picture(pictures / f"{width}-{scheme}.png")
                browser.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
                found = browser.evaluate(CHECK)
                measured += found["measured"]
                faults += [f"{width} {scheme}: {text}" for text in found["faults"] + browser.evaluate(FILTER)]
                if pictures and scheme == "light":
                    browser.picture(pictures / f"{width}-open.png")
                browser.evaluate("for (const d of document.querySelectorAll('details')) d.open = false")
        browser.close()
    for fault in faults:
        print(fault)
    print(f"{measured} texts measured")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
