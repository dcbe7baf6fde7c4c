#!/usr/bin/env python3
"""Runs a program, which must succeed, and prints the peak of its memory in KiB.

usage: peak_memory.py PROGRAM ARGUMENT...
"""
import resource, subprocess, sys

subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
