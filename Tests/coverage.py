#!/usr/bin/env python3
"""Prints how many lines of each library target the unit tests cover.

usage: coverage.py JSON (`swift test --show-codecov-path` says where it is)
"""
import json, os, sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
with open(sys.argv[1]) as file:
    files = json.load(file)["data"][0]["files"]
targets = {}
for file in files:
    path = os.path.relpath(file["filename"], root).split(os.sep)
    if path[0] == "Sources" and path[1] != "kbld":
        lines = file["summary"]["lines"]
        covered, count = targets.get(path[1], (0, 0))
        targets[path[1]] = covered + lines["covered"], count + lines["count"]
for name, (covered, count) in sorted(targets.items()):
    print(f"{name:18} {100 * covered / count:5.1f} %  {covered:6} of {count}")
covered, count = (sum(column) for column in zip(*targets.values()))
print(f"{'all':18} {100 * covered / count:5.1f} %  {covered:6} of {count}")
