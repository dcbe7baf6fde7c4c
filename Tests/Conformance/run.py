#!/usr/bin/env python3
"""Runs the recorded cases against a kbld binary and compares the failures with the list of known ones.

usage: run.py --bin PATH

The cases and their runner stand beside the project, in ../shared/conformance. Those in still-failing.txt may fail; every
other one must pass, and one of the list that passes must be taken off it, so that the list only shrinks.
"""
import argparse, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RUNNER = os.path.join(os.path.dirname(ROOT), "shared", "conformance", "run.py")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    if not os.path.exists(RUNNER):
        sys.exit("the recorded cases are not here: " + RUNNER)
    with open(os.path.join(HERE, "still-failing.txt")) as file:
        known = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    run = subprocess.run([sys.executable, RUNNER, "--bin", arguments.bin], capture_output=True, text=True)
    print(run.stdout, end="")
    if not re.search(r"^\d+ passed, \d+ failed$", run.stdout, re.MULTILINE):
        sys.exit("the cases did not run: " + run.stderr[-2000:])
    failed = set(re.findall(r"^FAIL (\S+)$", run.stdout, re.MULTILINE))
    for name in sorted(failed - known):
        print(f"fails, and is not known to: {name}")
    for name in sorted(known - failed):
        print(f"passes now, take it off still-failing.txt: {name}")
    sys.exit(0 if failed == known else 1)


main()
