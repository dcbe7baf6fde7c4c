#!/usr/bin/env python3
"""An image with an altered layer isn't counted as good by verify, and the fault tells which image it concerns."""
import argparse, os, subprocess, sys, tempfile, tarfile, time
HERE = os.path.dirname(os.path.abspath(__file__)); KIT = os.path.join(HERE, "..", "..", "Conformance"); sys.path.insert(0, KIT)
a = argparse.ArgumentParser(); a.add_argument("--bin", required=True); b = os.path.abspath(a.parse_args().bin); d = tempfile.mkdtemp()
reg = subprocess.Popen([b, "serve-registry", "--listen", "127.0.0.1:0", "--ready-file", d + "/addr"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        if os.path.exists(d + "/addr") and open(d + "/addr").read(): break
        time.sleep(0.05)
    host = open(d + "/addr").read().strip()
    out = subprocess.run([sys.executable, os.path.join(KIT, "..", "Fixtures", "labimg.py"), host, "basic"], check=True, capture_output=True, text=True).stdout.split()
    refs = [w for w in out if "@sha256" in w and ("app-oci" in w or "app-docker" in w)]
    open(d + "/in.yml", "w").write("".join(f"- image: {r}\n" for r in refs).join(["images:\n", ""]))
    subprocess.run([b, "pkg", "-f", d + "/in.yml", "-o", d + "/p.tar"], check=True, capture_output=True)
    with tarfile.open(d + "/p.tar") as t: at = t.getmembers()[-1].offset_data + 20
    raw = bytearray(open(d + "/p.tar", "rb").read()); raw[at] ^= 1; open(d + "/p.tar", "wb").write(raw)   # in the last layer
    p = subprocess.run([b, "verify", d + "/p.tar"], capture_output=True, text=True)
    text = p.stdout + p.stderr; bad = []
    if p.returncode != 1: bad.append(f"status {p.returncode}")
    if "2 good images" in text: bad.append("both images are called good, though a layer of one is altered")
    if "app-oci" not in text and "app-docker" not in text: bad.append("the image that is hit isn't named")
    print("; ".join(bad) or "ok"); sys.exit(bool(bad))
finally: reg.terminate(); reg.wait()
