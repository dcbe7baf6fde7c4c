#!/usr/bin/env python3
"""Runs the field cases against a kbld binary: situations that people who do this job reported, each with the right outcome.

usage: run.py --bin PATH [--only TEXT] [--dir DIR] [-j N] [-t SECONDS]      prints a line for each case that fails, then 'N passed, N failed'

A text case (.txt) is in the form of ../Conformance/run.py; a script (NNN-name.py --bin PATH) ends with 0 when the program does right and prints one line.
Needed: docker-registry, nginx-light, openssl, apache2-utils, strace, git, zstd, podman (Debian); h2 and PyYAML (PyPI). Some hostile cases need root. Areas: registries, specification
(the OCI specifications), hostile, original (what users of the Go tool reported), documents, platforms, tables, command-line."""
import argparse, concurrent.futures, os, shutil, subprocess, sys, tempfile, re, time
HERE = os.path.dirname(os.path.abspath(__file__)); sys.dont_write_bytecode = True

def script(path, a):
    t = time.time()
    try: p = subprocess.run([sys.executable, "-B", path, "--bin", a.bin], capture_output=True, text=True, timeout=a.t, cwd=os.path.dirname(path)); ok, line = p.returncode == 0, (p.stdout.strip().splitlines() or p.stderr.strip().splitlines() or ["nothing was printed"])[-1]
    except subprocess.TimeoutExpired: ok, line = False, f"no answer in {a.t} s"
    return ok, line[:300], time.time() - t

def main():
    ap = argparse.ArgumentParser(); ap.add_argument("--bin", required=True); ap.add_argument("--only", default=""); ap.add_argument("--dir", default=HERE); ap.add_argument("-j", type=int, default=2); ap.add_argument("-t", type=int, default=240); ap.add_argument("-v", action="store_true")
    a = ap.parse_args(); a.bin = os.path.abspath(a.bin); a.dir = os.path.abspath(a.dir); texts, scripts = [], []
    for root, _, files in sorted(os.walk(a.dir)):
        for f in sorted(files):
            p = os.path.join(root, f); name = os.path.relpath(p, a.dir)
            if a.only in name:
                if f.endswith(".txt"): texts.append(name)
                elif re.match(r"\d.*\.py$", f): scripts.append(name)
    passed, failed = 0, []
    if texts:
        with tempfile.TemporaryDirectory() as d:
            for n in texts: os.makedirs(os.path.dirname(os.path.join(d, n)), exist_ok=True); shutil.copy(os.path.join(a.dir, n), os.path.join(d, n))
            kit = os.path.join(HERE, "..", "Conformance", "run.py")
            out = subprocess.run([sys.executable, "-B", kit, "--bin", a.bin, "--cases", d, "-j", str(a.j)], capture_output=True, text=True).stdout
        bad = re.findall(r"(?m)^FAIL (\S+)", out); m = re.search(r"(\d+) passed, (\d+) failed", out)
        if not m: sys.exit("the text cases did not run: " + out[-500:])
        passed += int(m[1])
        for n in bad: failed.append(n); print(f"FAIL {n}.txt", flush=True)
        if a.v: print(out)
    with concurrent.futures.ThreadPoolExecutor(a.j) as pool:
        for n, (ok, line, secs) in zip(scripts, pool.map(lambda n: script(os.path.join(a.dir, n), a), scripts)):
            passed += ok
            if not ok: failed.append(n)
            if not ok or a.v: print(f"{'ok  ' if ok else 'FAIL'} {n} ({secs:.0f} s): {line}", flush=True)
    print(f"{passed} passed, {len(failed)} failed"); sys.exit(bool(failed))
main()
