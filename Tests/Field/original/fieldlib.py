"""What the field cases share: a lab of registries, a fault proxy, a run of the binary. Needs docker-registry, openssl, htpasswd, git, zstd."""
import argparse, base64, hashlib, http.client, http.server, json, os, re, shutil, socketserver, subprocess, sys, tempfile, threading, time, urllib.parse
sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, os.path.join(HERE, "..", "..", "Conformance"))
from run import Lab, free_port, ACCEPT
from faultproxy import Proxy
import types
labimg = types.ModuleType("labimg"); exec(open(os.path.join(HERE, "..", "..", "Fixtures", "labimg.py")).read().rsplit("\nmain()", 1)[0], labimg.__dict__)

class Case:
    def __init__(self, lab, binary): self.lab, self.bin, self.dir = lab, binary, tempfile.mkdtemp(prefix="field-"); self.R1, self.R2, self.AUTH = (lab.vars[k] for k in ("R1", "R2", "AUTH"))
    def f(self, name, text):
        p = os.path.join(self.dir, name); os.makedirs(os.path.dirname(p), exist_ok=True)
        with open(p, "wb") as h: h.write(text if isinstance(text, bytes) else text.encode())
        if text[:2] in ("#!", b"#!"): os.chmod(p, 0o755)
        return p
    def run(self, *a, env={}, stdin=b"", timeout=60):
        e = {"HOME": os.path.join(self.dir, "home"), "PATH": os.path.join(self.dir, "bin") + ":" + os.environ["PATH"], "LANG": "C.UTF-8", **env}
        t = time.time(); p = subprocess.run([self.bin, *a], cwd=self.dir, env=e, input=stdin, capture_output=True, timeout=timeout)
        p.out, p.err, p.secs = p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace"), time.time() - t
        return p
    def images(self, *refs): return self.f("in.yml", "images:\n" + "".join(f"- image: {r}\n" for r in refs))

def main(check):
    """check(case) returns None where all is right, or one line of what is wrong."""
    ap = argparse.ArgumentParser(); ap.add_argument("--bin", required=True); a = ap.parse_args()
    lab = Lab(); c = None
    try:
        lab.start(); c = Case(lab, os.path.abspath(a.bin)); os.makedirs(os.path.join(c.dir, "home"))
        try: wrong = check(c)
        except subprocess.TimeoutExpired as e: wrong = f"no answer in {e.timeout} s"
    finally:
        lab.stop()
        if c: shutil.rmtree(c.dir, ignore_errors=True)
    print("right" if not wrong else "wrong: " + wrong); sys.exit(1 if wrong else 0)
