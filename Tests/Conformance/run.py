#!/usr/bin/env python3
"""Runs a kbld binary against recorded behaviour of the original. Python 3 standard library only; needs docker-registry, openssl, git, htpasswd, zstd
(all Debian packages).

usage: run.py --bin PATH [--cases DIR] [--only TEXT] [-v] [-j N]
       run.py --bin PATH --bless [--only TEXT]      records what PATH does (used once, with the original tool)

A case is a text file: prose, then steps that begin with `$ `, then files:

    What this shows.
    $ kbld -f in.yml
    -- in.yml --          an input, written before the first step
    ...
    -- 1.stdout --        what step 1 must print, to the byte
    -- 1.rc --            its exit status (0 where absent)
    -- 1.stderr --        every line must be part of some line of its stderr, in any order
    -- 1.file lock.yml -- the content of a file it must leave

Steps are split like a shell's words; `<FILE` feeds standard input, `>FILE` saves standard output, NAME=VALUE in front sets the environment.
Beside `kbld` a step can be: `tarshow F` (entries and manifest.json of a package), `digest REF` (a manifest's digest as a registry serves it),
`tags REPO`, `same A B`, `sh TEXT`, `fresh-clock` …  see BUILTINS.
{{R1}} {{R2}} are anonymous registries (R1 holds labimg's basic and exotic sets, R2 starts empty), {{AUTH}} asks for user `alice`, password `s3cret`,
{{TLS}} has a certificate from {{CA}}; AUTH and TLS hold what R1 holds. {{NAME}} is the digest of labimg's image NAME. {{HERE}} is the working directory.
"""
import argparse, concurrent.futures, glob, hashlib, http.client, json, os, re, shlex, shutil, signal, socket, subprocess, sys, tarfile, tempfile, threading, time, urllib.request, base64

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGE_MAKER = os.path.join(os.path.dirname(HERE), "Fixtures", "labimg.py")

def free_port():
    s = socket.socket(); s.bind(("127.0.0.1", 0)); p = s.getsockname()[1]; s.close(); return p

class Lab:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="conf-"); self.procs = []; self.vars = {}
    def registry(self, name, root, extra="", port=None, tls=False):
        port = port or free_port()
        cfg = os.path.join(self.dir, name + ".yml")
        with open(cfg, "w") as f:
            f.write(f"""version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
validation: {{manifests: {{urls: {{allow: ["^https?://"]}}}}}}
http:
  addr: 127.0.0.1:{port}
{extra}""")
        p = subprocess.Popen(["docker-registry", "serve", cfg], stdout=subprocess.DEVNULL, stderr=open(os.path.join(self.dir, name + ".log"), "w"))
        self.procs.append(p)
        for _ in range(100):
            try: socket.create_connection(("127.0.0.1", port), 1).close(); break
            except OSError: time.sleep(0.05)
        else: sys.exit(f"{name}: docker-registry did not start: " + open(os.path.join(self.dir, name + ".log")).read()[-500:])
        self.vars[name] = f"127.0.0.1:{port}"
    def start(self):
        for t in ("docker-registry", "openssl", "git", "htpasswd", "zstd"):
            if not shutil.which(t): sys.exit(f"{t} is needed: apt-get install docker-registry openssl git apache2-utils zstd")
        d = self.dir
        q = dict(check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{d}/tls.key", "-out", f"{d}/ca.pem", "-days", "2", "-subj", "/CN=lab", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"], **q)
        with open(f"{d}/htpasswd", "w") as f: subprocess.run(["htpasswd", "-Bbn", "alice", "s3cret"], check=True, stdout=f)
        self.registry("R1", f"{d}/r1"); self.registry("R2", f"{d}/r2")
        self.registry("AUTH", f"{d}/r1", f"auth: {{htpasswd: {{realm: lab, path: {d}/htpasswd}}}}\n")
        self.registry("TLS", f"{d}/r1", f"  tls: {{certificate: {d}/ca.pem, key: {d}/tls.key}}\n")
        self.vars["CA"] = f"{d}/ca.pem"
        for s in ("basic", "exotic", "tags"):
            out = subprocess.run([sys.executable, IMAGE_MAKER, self.vars["R1"], s], check=True, capture_output=True, text=True).stdout
            for line in out.splitlines():
                name, ref = line.split(" "); self.vars[name] = ref.split("@")[1]
    def stop(self):
        for p in self.procs: p.terminate()
        for p in self.procs: p.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
    def expand(self, text, here):
        return re.sub(r"\{\{(\w+)\}\}", lambda m: here if m[1] == "HERE" else self.vars.get(m[1], m[0]), text)
    def fold(self, text, here):
        text = text.replace(here, "{{HERE}}")
        for k, v in sorted(self.vars.items(), key=lambda kv: -len(kv[1])): text = text.replace(v, "{{%s}}" % k)
        return text
    def fetch(self, path, host, accept="*/*"):
        c = http.client.HTTPConnection(host, timeout=30); c.request("GET", path, headers={"Accept": accept})
        r = c.getresponse(); b = r.read(); c.close(); return r.status, b

ACCEPT = ", ".join(["application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
                    "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json"])

def tarshow(path):
    """Entries in their order; every header field that differs from the plain one; then manifest.json, indented."""
    out = []
    with tarfile.open(path) as t:
        for m in t:
            data = t.extractfile(m).read()
            odd = [f"{k}={v!r}" for k, v, d in (("mode", m.mode, 0o644), ("uid", m.uid, 0), ("gid", m.gid, 0), ("mtime", m.mtime, 0), ("uname", m.uname, ""), ("gname", m.gname, ""), ("type", m.type, b"0")) if v != d]
            if m.name == "manifest.json": man = data; out.append(" ".join([m.name] + odd))
            else: out.append(" ".join([m.name, str(m.size), "content-ok" if m.name == "sha256-" + hashlib.sha256(data).hexdigest() + ".tar.gz" else "CONTENT DIFFERS"] + odd))
    out.append("manifest.json is compact" if b"\n" not in man and b'": ' not in man.replace(b'\\": ', b"") else "manifest.json has white space")
    return "\n".join(out) + "\n" + json.dumps(json.loads(man), indent=1) + "\n"

def builtin(lab, words, here):
    c, a = words[0], words[1:]
    p = lambda x: os.path.join(here, x)
    if c == "tarshow": return 0, tarshow(p(a[0])), ""
    if c == "same": ok = open(p(a[0]), "rb").read() == open(p(a[1]), "rb").read(); return (0 if ok else 1), "", "" if ok else "they differ\n"
    if c == "digest":
        ref = a[0]; host, rest = ref.split("/", 1)
        repo, r = rest.split("@") if "@" in rest else rest.rsplit(":", 1)
        s, b = lab.fetch(f"/v2/{repo}/manifests/{r}", host, ACCEPT); return (0, "sha256:" + hashlib.sha256(b).hexdigest() + "\n", "") if s == 200 else (1, f"{s}\n", "")
    if c == "tags":
        host, repo = a[0].split("/", 1); s, b = lab.fetch(f"/v2/{repo}/tags/list", host); return (0, "".join(t + "\n" for t in sorted(json.loads(b).get("tags") or [])), "") if s == 200 else (1, f"{s}\n", "")
    return None

def parse(text):
    parts = re.split(r"(?m)^-- (.+) --\n", text)
    head, files = parts[0], {}
    for n, body in zip(parts[1::2], parts[2::2]): files[n] = body
    return head, [l[2:] for l in head.splitlines() if l.startswith("$ ")], files

def is_expect(n): return bool(re.match(r"\d+\.(stdout|rc|stderr|file .+)$", n))

def run_steps(lab, binary, head, steps, files, here, want_files):
    os.makedirs(os.path.join(here, "home"))
    for n, body in files.items():
        if is_expect(n): continue
        dst = os.path.join(here, n); os.makedirs(os.path.dirname(dst), exist_ok=True)
        body = lab.expand(body, here)
        with open(dst, "w") as f: f.write(body)
        if body.startswith("#!"): os.chmod(dst, 0o755)
    base = {"HOME": os.path.join(here, "home"), "PATH": os.path.join(here, "bin") + ":" + os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC",
            "GIT_AUTHOR_DATE": "2024-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2024-01-02T03:04:05Z", "GIT_AUTHOR_NAME": "lab", "GIT_AUTHOR_EMAIL": "lab@example.com",
            "GIT_COMMITTER_NAME": "lab", "GIT_COMMITTER_EMAIL": "lab@example.com", "GIT_CONFIG_NOSYSTEM": "1"}
    res = []
    for i, step in enumerate(steps, 1):
        words = shlex.split(lab.expand(step, here)); env = dict(base); stdin = subprocess.DEVNULL; save = None
        while words and re.match(r"[A-Z_][A-Z0-9_]*=", words[0]): k, v = words.pop(0).split("=", 1); env[k] = v
        keep = []
        for w in words:
            if w.startswith("<") and len(w) > 1: stdin = open(os.path.join(here, w[1:]), "rb")
            elif w.startswith(">") and len(w) > 1: save = os.path.join(here, w[1:])
            else: keep.append(w)
        words = keep; b = builtin(lab, words, here) if words[0] not in ("kbld", "sh") else None
        if b: rc, out, err = b
        else:
            argv = [binary] + words[1:] if words[0] == "kbld" else ["bash", "-c", " ".join(words[1:])] if words[0] == "sh" else words
            try:
                p = subprocess.run(argv, cwd=here, env=env, stdin=stdin, capture_output=True, timeout=90)
                rc, out, err = p.returncode, p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")
            except subprocess.TimeoutExpired: rc, out, err = "timeout", "", "no answer in 90 s"
            except OSError as e: rc, out, err = 127, "", str(e)
        if save: open(save, "w").write(out)
        got = {"rc": str(rc), "stdout": "" if save else lab.fold(out, here), "stderr": lab.fold(err, here), "files": {}}
        for n in want_files.get(i, []):
            try: got["files"][n] = lab.fold(open(os.path.join(here, n), encoding="utf-8", errors="replace").read(), here)
            except OSError: got["files"][n] = None
        res.append(got)
    return res

def strip(s): return re.sub(r"\x1b\[[0-9;]*m", "", s)

def run_case(lab, binary, path, bless):
    text = open(path).read(); head, steps, files = parse(text)
    here = tempfile.mkdtemp(prefix="case-", dir=lab.dir)
    wf = {}
    for n in files:
        m = re.match(r"(\d+)\.file (.+)$", n)
        if m: wf.setdefault(int(m[1]), []).append(m[2])
    got = run_steps(lab, binary, head, steps, files, here, wf)
    shutil.rmtree(here, ignore_errors=True)
    if bless:
        out = head
        for n, b in files.items():
            if not is_expect(n): out += f"-- {n} --\n{b}"
        for i, g in enumerate(got, 1):
            if g["rc"] != "0": out += f"-- {i}.rc --\n{g['rc']}\n"
            if g["stdout"]: out += f"-- {i}.stdout --\n{g['stdout']}" + ("" if g["stdout"].endswith("\n") else "\n")
            e = files.get(f"{i}.stderr")
            if e is None:
                keep = [re.sub(r"^\s+", "", l) for l in strip(g["stderr"]).splitlines() if re.search(r"\| (final|exporting|will export|exported|importing|imported|built)", l)]
                if g["rc"] != "0": keep = ["kbld: Error:"] if "kbld: Error:" in g["stderr"] else []
                e = "".join(sorted(set(k + "\n" for k in keep)))
            if e: out += f"-- {i}.stderr --\n{e}"
            for n, b in g["files"].items(): out += f"-- {i}.file {n} --\n{b if b is not None else 'MISSING'}" + ("" if (b or 'x').endswith("\n") else "\n")
        open(path, "w").write(out)
        return [], got
    bad = []
    for i, g in enumerate(got, 1):
        rc = files.get(f"{i}.rc", "0\n").strip()
        if g["rc"] != rc: bad.append(f"step {i}: exit status {g['rc']}, expected {rc}; stderr ends: {g['stderr'].strip()[-300:]}")
        exp = files.get(f"{i}.stdout", "")
        if g["stdout"].rstrip("\n") != exp.rstrip("\n"):
            import difflib
            d = list(difflib.unified_diff(exp.splitlines(), g["stdout"].splitlines(), "expected", "got", lineterm="", n=1))
            bad.append(f"step {i}: stdout differs\n    " + "\n    ".join(d[:24]))
        err = strip(g["stderr"])
        for l in files.get(f"{i}.stderr", "").splitlines():
            if l.strip() and l.strip() not in err: bad.append(f"step {i}: stderr lacks: {l.strip()}")
        for n, b in g["files"].items():
            want = files[f"{i}.file {n}"]
            if b is None or b.rstrip("\n") != want.rstrip("\n"):
                import difflib
                bad.append(f"step {i}: file {n} differs\n    " + "\n    ".join(list(difflib.unified_diff(want.splitlines(), (b or "").splitlines(), "expected", "got", lineterm="", n=1))[:24]))
    return bad, got

def main():
    ap = argparse.ArgumentParser(); ap.add_argument("--bin", required=True); ap.add_argument("--cases", default=os.path.join(HERE, "cases"))
    ap.add_argument("--only", default=""); ap.add_argument("--bless", action="store_true"); ap.add_argument("-v", action="store_true"); ap.add_argument("-j", type=int, default=4)
    a = ap.parse_args(); a.bin = os.path.abspath(a.bin)
    cases = sorted(p for p in glob.glob(os.path.join(a.cases, "**", "*.txt"), recursive=True) if a.only in os.path.relpath(p, a.cases))
    if not cases: sys.exit("no case matches")
    lab = Lab(); areas = {}
    try:
        lab.start()
        with concurrent.futures.ThreadPoolExecutor(a.j) as ex:
            for p, (bad, got) in zip(cases, ex.map(lambda p: run_case(lab, a.bin, p, a.bless), cases)):
                name = os.path.relpath(p, a.cases)[:-4]; area = areas.setdefault(name.split("/")[0], [0, 0]); area[1] += 1
                if bad: print(f"FAIL {name}"); [print("  " + b) for b in bad]
                else: area[0] += 1
                if a.v:
                    for i, g in enumerate(got, 1): print(f"--- {name} step {i}: rc {g['rc']}\n{g['stdout']}--- stderr\n{g['stderr']}")
    finally: lab.stop()
    for n, (ok, all_) in areas.items(): print(f"{n}: {ok} of {all_}")
    ok = sum(x[0] for x in areas.values()); n = sum(x[1] for x in areas.values())
    print(f"{ok} passed, {n - ok} failed")
    sys.exit(0 if ok == n else 1)
if __name__ == "__main__": main()
