#!/usr/bin/env python3
"""Measures plans of a terabyte, and how much faster several processes copy than one.

usage: shards.py [--bin PATH] [--images N] [--processes N ...] [--round-trip MS ...] [--concurrency N] [CASE ...]
cases: plan processes (both by default)

plan        10,000 images of 100 MiB that imaginary_registry.py makes up: which of them a shard has, with its upload
processes   N small images (2,000) between two of kbld's own registries in memory, by 1, 2, 4 and 8 processes with
            --shard; each round trip (0 and 40 ms) is a table. Beside each time is what a model of it says: see
            docs/performance.md.
"""
import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import lab

IMAGES = lab.ROOT / "Tests" / "IntegrationTests" / "Scripts" / "many_images.py"
HERE = pathlib.Path(__file__).resolve().parent


def plan(program, images):
    """What a shard of a terabyte is: seconds, processor seconds and memory of the process that finds it out."""
    port = lab.free_port()
    host = f"127.0.0.1:{port}"
    with lab.process([sys.executable, str(HERE / "imaginary_registry.py"), str(port), str(images)], port):
        with urllib.request.urlopen(f"http://{host}/references") as answer:
            references = answer.read().decode().split()
        document = lab.document("terabyte.yml", [f"{host}/{reference}" for reference in references])
        mirror = lab.FOLDER / "terabyte-mirror.yml"
        mirror.write_text(
            f"apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\ntarget: {host}/target\nimages:\n"
            + "".join(f"- repository: {host}/team{number}/app\n" for number in range(100))
        )
        shard = ["--shard", "0/8", "--dry-run"]
        print(f"{images} images of 100 MiB, {images * 100 / (1 << 20):.2f} TiB", flush=True)
        for name, arguments in {
            "relocate --shard 0/8 --dry-run": ["relocate", "-f", document, "-r", f"{host}/target"] + shard,
            "mirror run --dry-run": ["mirror", "run", "-f", mirror, "--dry-run"],
            "mirror run --shard 0/8 --dry-run": ["mirror", "run", "-f", mirror] + shard,
        }.items():
            seconds, processor, memory = lab.once([program] + arguments)
            print(f"{name:<36}{seconds:>8.2f} s{processor:>8.2f} CPU s{memory:>7.0f} MiB", flush=True)


@contextlib.contextmanager
def registry(program, round_trip, log=None):
    """A registry in memory, so far away; it writes its requests to `log`."""
    port = lab.free_port()
    arguments = [program, "serve-registry", "--listen", f"127.0.0.1:{port}"]
    if log:
        arguments = ["sh", "-c", 'exec "$@" --access-log 2> ' + str(log), "sh"] + arguments
    with lab.process(arguments, port):
        if not round_trip:
            yield f"127.0.0.1:{port}"
        else:
            with lab.far_away(f"127.0.0.1:{port}", round_trip) as host:
                yield host


class Command:
    """What is measured: `relocate` from a registry, or `unpkg` from a package."""

    def __init__(self, program, name, document, package, concurrency):
        self.base = [program, name, "-f", document, "--concurrency", str(concurrency)]
        self.base += ["-i", package] if name == "unpkg" else []
        self.name = name

    def shards(self, host, count):
        if count == 1:
            return [self.base + ["-r", f"{host}/copy"]]
        return [self.base + ["-r", f"{host}/copy", "--shard", f"{index}/{count}"] for index in range(count)]

    def run(self, host, count):
        """Seconds until the last of the processes is done."""
        begin = time.perf_counter()
        log = open(lab.FOLDER / "shards.log", "wb")
        running = [
            subprocess.Popen(list(map(str, arguments)), stdout=subprocess.DEVNULL, stderr=log)
            for arguments in self.shards(host, count)
        ]
        if any([process.wait() for process in running]):
            sys.exit(f"{self.name} failed:\n{(lab.FOLDER / 'shards.log').read_text()[-2000:]}")
        return time.perf_counter() - begin

    def last(self, host):
        """Seconds of the last run, which finds that all is there."""
        begin = time.perf_counter()
        subprocess.run(
            self.base + ["-r", f"{host}/copy", "--no-recheck"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        return time.perf_counter() - begin


def requests(log):
    return sum(1 for line in log.read_text().splitlines() if " HTTP/1.1\"" in line)


def counted(program, name, count, images, concurrency):
    """How many requests an image takes of its source and of its destination, by so many processes together."""
    logs = lab.FOLDER / "source.log", lab.FOLDER / "target.log"
    with registry(program, 0, logs[0]) as source, registry(program, 0, logs[1]) as host:
        document, package = fill(program, source, source, images, "few")
        before = [requests(log) for log in logs]
        Command(program, name, document, package, concurrency).run(host, count)
        return [(requests(log) - first) / images for log, first in zip(logs, before)]


def fill(program, near, source, images, name):
    """Makes images, and documents and a package of them."""
    document, package = lab.FOLDER / f"{name}.yml", str(lab.FOLDER / f"{name}.tar")
    made = subprocess.run([sys.executable, str(IMAGES), near, str(images)], check=True, capture_output=True, text=True)
    document.write_text(made.stdout.replace(near, source))
    lab.once([program, "pkg", "-f", str(document), "-o", package])
    return str(document), package


def processes(program, images, counts, round_trips, concurrency):
    totals = {}
    few = min(images, 200)
    print(f"requests an image, counted with {few} images", flush=True)
    print(f"{'command':<11}{'processes':>10}{'source':>9}{'target':>9}", flush=True)
    for name in ("relocate", "unpkg"):
        for count in counts:
            source, target = counted(program, name, count, few, concurrency)
            totals[name, count] = source + target
            print(f"{name:<11}{count:>10}{source:>9.2f}{target:>9.2f}", flush=True)
    for round_trip in round_trips:
        with registry(program, 0) as near:
            with lab.far_away(near, round_trip) if round_trip else contextlib.nullcontext(near) as source:
                document, package = fill(program, near, source, images, "many")
                for name in ("relocate", "unpkg"):
                    command = Command(program, name, document, package, concurrency)
                    print(f"\n{name}, {images} images, {round_trip:g} ms, --concurrency {concurrency}", flush=True)
                    print(
                        f"{'processes':<11}{'seconds':>9}{'model':>9}{'speed-up':>10}{'images/s':>10}{'requests/s':>12}"
                        f"{'last run':>10}",
                        flush=True,
                    )
                    first = None
                    for count in counts:
                        with registry(program, round_trip) as host:
                            seconds = command.run(host, count)
                            last = command.last(host)
                        first = first or seconds
                        # Each process waits for its share of the requests, so many at once.
                        all_requests = totals[name, count] * images
                        model = all_requests / count * round_trip / 1000 / concurrency
                        print(
                            f"{count:<11}{seconds:>9.2f}{model:>9.2f}{first / seconds:>10.2f}{images / seconds:>10.0f}"
                            f"{all_requests / seconds:>12.0f}{last:>10.2f}",
                            flush=True,
                        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", default=["plan", "processes"])
    parser.add_argument("--bin", default=str(lab.ROOT / ".build" / "release" / "kbld"))
    parser.add_argument("--images", type=int)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--round-trip", type=float, nargs="+", default=[0, 40])
    parser.add_argument("--concurrency", type=int, default=16)
    arguments = parser.parse_args()
    lab.FOLDER.mkdir(parents=True, exist_ok=True)
    binary = os.path.abspath(arguments.bin)
    if "plan" in arguments.cases:
        plan(binary, arguments.images or 10_000)
    if "processes" in arguments.cases:
        processes(
            binary, arguments.images or 2_000, arguments.processes, arguments.round_trip, arguments.concurrency
        )
