#!/usr/bin/env python3
"""What `package inspect`, `pkg --dry-run` and `package diff` print into a pipe or a CI log must say what the figures are (headings, or a name
beside each): "1.8 KiB / 298 B / 1.5 KiB" on lines of their own is unreadable. These commands are not the original's, so nothing binds them."""
import os; HERE = os.path.dirname(os.path.abspath(__file__)); KIT = os.path.join(HERE, "..", "..", "Conformance")
import argparse, os, subprocess, sys, tempfile, time
a = argparse.ArgumentParser(); a.add_argument("--bin", required=True); b = os.path.abspath(a.parse_args().bin); d = tempfile.mkdtemp()
reg = subprocess.Popen([b, "serve-registry", "--listen", "127.0.0.1:0", "--ready-file", d + "/addr"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        if os.path.exists(d + "/addr") and open(d + "/addr").read(): break
        time.sleep(0.05)
    host = open(d + "/addr").read().strip()
    out = subprocess.run([sys.executable, os.path.join(KIT, "..", "Fixtures", "labimg.py"), host, "basic"], check=True, capture_output=True, text=True).stdout.split()
    refs = [w for w in out if "@sha256" in w]; bad = []
    open(d + "/a.yml", "w").write("images:\n" + "".join(f"- image: {r}\n" for r in refs[:2])); open(d + "/b.yml", "w").write("images:\n" + "".join(f"- image: {r}\n" for r in refs[1:3]))
    for args in (["package", "inspect", d + "/a.yml"], ["pkg", "-f", d + "/a.yml", "--dry-run"], ["package", "diff", d + "/a.yml", d + "/b.yml"]):
        o = subprocess.run([b] + args, capture_output=True, text=True).stdout.lower()
        want = ("before", "after") if "diff" in args else ("platform", "size", "shared")
        if not all(w in o for w in want): bad.append(" ".join(args[:2]))
    print("without headings: " + ", ".join(bad) if bad else "ok"); sys.exit(bool(bad))
finally: reg.terminate(); reg.wait()
