"""What the measurements need around them: registries, sets of images, and a stop-watch."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "bench"
LABIMG = ROOT / "Tests" / "Fixtures" / "labimg.py"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def process(arguments, port):
    """A server that listens at `port`, ended in the end."""
    server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.01)
        else:
            sys.exit(f"{arguments[0]} does not listen")
        yield
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def registry(name, fresh=True):
    """docker-registry on files in a folder, with its host and port; a fresh one is removed in the end."""
    port, folder = free_port(), FOLDER / name
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    configuration = FOLDER / f"{name}-{port}.yml"
    configuration.write_text(
        "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    try:
        with process(["docker-registry", "serve", str(configuration)], port):
            yield f"127.0.0.1:{port}"
    finally:
        configuration.unlink()
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def embedded(program):
    """The program's own registry, in memory."""
    port = free_port()
    with process([program, "serve-registry", "--listen", f"127.0.0.1:{port}"], port):
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def far_away(host, round_trip=40):
    """The same registry at the end of a long line."""
    port = free_port()
    proxy = str(pathlib.Path(__file__).with_name("delay_proxy.py"))
    with process([sys.executable, proxy, str(port), host.split(":")[1], "--round-trip", str(round_trip)], port):
        yield f"127.0.0.1:{port}"


def images(host, kind, scale):
    """`repository@digest` of each image of a set, which is made and pushed once."""
    known = FOLDER / f"{kind}-{scale}.txt"
    if not known.exists():
        print(f"making the set {kind} ×{scale} ...", file=sys.stderr)
        made = subprocess.run(
            [sys.executable, str(LABIMG), host, kind, "--scale", str(scale)], check=True, capture_output=True, text=True
        )
        known.write_text("".join(line.split()[1].split("/", 1)[1] + "\n" for line in made.stdout.splitlines()))
    return known.read_text().split()


def blobs(host, references):
    """The addresses of all configs and layers of images."""
    addresses = []
    for reference in references:
        repository, digest = reference.split("@")
        request = urllib.request.Request(
            f"http://{host}/v2/{repository}/manifests/{digest}",
            headers={"Accept": "application/vnd.oci.image.manifest.v1+json"},
        )
        with urllib.request.urlopen(request) as answer:
            manifest = json.load(answer)
        for blob in [manifest["config"]] + manifest["layers"]:
            addresses.append(f"http://{host}/v2/{repository}/blobs/{blob['digest']}")
    return addresses


def document(name, references):
    """A file of one document that lists the references."""
    path = FOLDER / name
    path.write_text("images:\n" + "".join(f"- image: {reference}\n" for reference in references))
    return str(path)


class Measurement:
    """Medians of wall-clock and processor seconds, and the largest peak of memory in MiB."""

    def __init__(self, runs):
        self.seconds = statistics.median(run[0] for run in runs)
        self.processor = statistics.median(run[1] for run in runs)
        self.memory = max(run[2] for run in runs)


# A child's peak of memory is at least that of the process which starts it: this one is small.
STARTER = """
import os, sys, time
begin = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - begin
os.write(int(sys.argv[1]), f"{seconds} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss} {status}".encode())
"""


def once(arguments, output=None):
    """Runs a program, which must succeed: seconds, processor seconds, peak memory in MiB."""
    reading, writing = os.pipe()
    starter = [sys.executable, "-I", "-S", "-c", STARTER, str(writing)]
    with open(output or os.devnull, "wb") as out, open(FOLDER / "log.txt", "wb") as log:
        subprocess.run(starter + list(map(str, arguments)), stdout=out, stderr=log, pass_fds=[writing])
    os.close(writing)
    with os.fdopen(reading) as measured:
        figures = measured.read().split()
    if not figures or os.waitstatus_to_exitcode(int(figures[3])) != 0:
        sys.exit(f"{' '.join(map(str, arguments))} failed:\n{(FOLDER / 'log.txt').read_text()}")
    return float(figures[0]), float(figures[1]), int(figures[2]) / 1024


def measure(arguments, runs, before=lambda: None):
    results = []
    for _ in range(runs):
        before()
        results.append(once(arguments))
    return Measurement(results)
