#!/usr/bin/env python3
"""Measures kbld beside other programs that move the same bytes; prints a table of medians.

usage: run.py [--bin PATH] [--runs N] [--units N ...] [--peers DIR] [CASE ...]
cases: large small far start unit (all of them by default), and peers with --peers alone

With --peers, programs of a folder (the original kbld, crane, imgpkg, skopeo) do the same work in turns with this one;
the ratios are kbld's time and processor time to theirs.

The programs beside it: cp with sync, openssl sha256, parallel curl uploads, skopeo copy. docker-registry must be
installed, and Tests/Fixtures/labimg.py be there, which makes the images; they are kept in .build/bench.
"""
import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import subprocess

import lab
import peers


class Table:
    def __init__(self):
        print(f"{'case':<34}{'program':<26}{'seconds':>9}{'CPU s':>8}{'MiB':>8}   ratio", flush=True)

    def row(self, case, program, result, beside=None):
        ratio = "" if beside is None else f"   {result.seconds / beside[1].seconds:.2f} × {beside[0]}"
        print(
            f"{case:<34}{program:<26}{result.seconds:>9.3f}{result.processor:>8.2f}{result.memory:>8.0f}{ratio}",
            flush=True,
        )
        return result

    def turn(self, case, program, result, ratio):
        """A row of programs that ran in turns: what kbld takes of this one's time, and of its processor time."""
        beside = "" if ratio is None else f"   kbld / it: {ratio[0]:.2f}, CPU {ratio[1]:.2f}"
        print(
            f"{case:<34}{program:<26}{result.seconds:>9.3f}{result.processor:>8.2f}{result.memory:>8.0f}{beside}",
            flush=True,
        )


def settle():
    """No writes of an earlier run are left to disturb the next."""
    os.sync()


def path(name):
    return str(lab.FOLDER / name)


def remove(*names):
    for name in names:
        pathlib.Path(path(name)).unlink(missing_ok=True)
    settle()


def curl_upload(blob, url):
    answer = subprocess.run(
        ["curl", "-sS", "-X", "POST", "-D", "-", "-o", os.devnull, url], check=True, capture_output=True, text=True
    ).stdout
    location = next(line.split(": ", 1)[1] for line in answer.splitlines() if line.lower().startswith("location: "))
    separator = "&" if "?" in location else "?"
    subprocess.run(
        ["curl", "-sS", "--fail", "-H", "Content-Type: application/octet-stream", "-H", "Expect:", "-T", blob]
        + [f"{location}{separator}digest=sha256:{os.path.basename(blob)}"],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def upload_all(host, blobs):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda blob: curl_upload(blob, f"http://{host}/v2/big/curl/blobs/uploads/"), blobs))


def timed_uploads(host, blobs):
    before = os.times()
    upload_all(host, blobs)
    after = os.times()
    processor = after.children_user - before.children_user + after.children_system - before.children_system
    return after.elapsed - before.elapsed, processor, 0


def small_uploads(host, digests):
    """Uploads blobs out of the registry that has the sets: one program opens all uploads, another sends all of them."""
    settings, addresses = lab.FOLDER / "curl.txt", lab.FOLDER / "addresses.txt"
    curl = ["curl", "-sS", "--fail", "--parallel", "--parallel-max", "64", "-K", str(settings)]
    url = f"http://{host}/v2/many/curl/blobs/uploads/"
    settings.write_text(f'request = "POST"\nwrite-out = "%header{{location}}\\n"\n' + f'url = "{url}"\n' * len(digests))
    opened = lab.once(curl, addresses)
    places = zip(digests, addresses.read_text().split(), strict=True)
    stored = lab.FOLDER / "sets" / "docker" / "registry" / "v2" / "blobs" / "sha256"
    settings.write_text(
        'header = "Content-Type: application/octet-stream"\n'
        + "".join(
            f'url = "{place}&digest=sha256:{digest}"\nupload-file = "{stored / digest[:2] / digest / "data"}"\n'
            for digest, place in places
        )
    )
    sent = lab.once(curl)
    return opened[0] + sent[0], opened[1] + sent[1], max(opened[2], sent[2])


class Benchmarks:
    def __init__(self, program, runs, units):
        self.kbld, self.runs, self.units, self.table = program, runs, units, Table()

    def package(self, document, output="out.tar"):
        return [self.kbld, "pkg", "-f", document, "-o", path(output)]

    def unpackage(self, document, repository, package="out.tar"):
        return [self.kbld, "unpkg", "-f", document, "-i", path(package), "-r", repository]

    def large(self, host):
        """1 GiB in 8 layers."""
        case = "1 GiB in 8 layers: "
        names = lab.images(host, "big", 128)
        document = lab.document("big.yml", [f"{host}/{name}" for name in names])
        lab.once(self.package(document))
        copy = ["sh", "-c", f"cp {path('out.tar')} {path('copy.tar')} && sync {path('copy.tar')}"]
        cp = self.table.row(case + "copy", "cp and sync", lab.measure(copy, self.runs, lambda: remove("copy.tar")))
        cached = ["cp", path("out.tar"), path("copy.tar")]
        self.table.row(case + "copy", "cp", lab.measure(cached, self.runs, lambda: remove("copy.tar")))
        remove("copy.tar")
        hashing = lab.measure(["openssl", "sha256", path("out.tar")], self.runs)
        self.table.row(case + "hash", "openssl sha256", hashing)
        packaged = lab.measure(self.package(document, "new.tar"), self.runs, lambda: remove("new.tar"))
        self.table.row(case + "pkg", "kbld", packaged, ("cp and sync", cp))
        remove("new.tar")

        def skopeo(source, destination):
            flags = ["skopeo", "copy", "-q", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false"]
            return ["sh", "-ec", "\n".join(" ".join(flags + [source % i, destination % i]) for i in range(len(names)))]

        folder = path("skopeo")
        subprocess.run(["rm", "-rf", folder], check=True)
        os.makedirs(folder)
        clear = lambda: (subprocess.run(["sh", "-c", f"rm -rf {folder}/*"], check=True), settle())
        down = skopeo(f"docker://{host}/big/b%d:1", f"dir:{folder}/%d")
        self.table.row(case + "pkg", "skopeo copy to dir", lab.measure(down, self.runs, clear), ("cp and sync", cp))

        blobs = [str(file) for file in pathlib.Path(folder).glob("*/*") if len(file.name) == 64]
        uploads, unpackaged, again, copies = [], [], [], []
        for _ in range(self.runs):
            with lab.registry("empty") as empty:
                settle()
                uploads.append(timed_uploads(empty, blobs))
            with lab.registry("empty") as empty:
                settle()
                unpackaged.append(lab.once(self.unpackage(document, f"{empty}/app")))
                again += [lab.once(self.unpackage(document, f"{empty}/app")) for _ in range(self.runs)]
            with lab.registry("empty") as empty:
                settle()
                copies.append(lab.once(skopeo(f"dir:{folder}/%d", f"docker://{empty}/copy/b%d:1")))
        curl = self.table.row(case + "upload", "curl, in parallel", lab.Measurement(uploads))
        self.table.row(case + "unpkg", "kbld", lab.Measurement(unpackaged), ("curl", curl))
        self.table.row(case + "unpkg", "skopeo copy from dir", lab.Measurement(copies), ("curl", curl))
        self.table.row(case + "unpkg again", "kbld", lab.Measurement(again))
        subprocess.run(["rm", "-rf", folder], check=True)

        counter = iter(range(1 << 30))
        mounts = [
            lab.once([self.kbld, "relocate", "-f", document, "-r", f"{host}/moved-{os.getpid()}/n{next(counter)}"])
            for _ in range(self.runs)
        ]
        self.table.row(case + "relocate", "kbld", lab.Measurement(mounts))
        remove("out.tar")

    def small(self, host):
        """200 images of 3 layers."""
        case = "200 images of 3 layers: "
        self.series(host, 200, case)
        addresses = lab.blobs(host, lab.images(host, "many", max(1000, *self.units))[:200])
        commands = lab.FOLDER / "curl.txt"
        commands.write_text("".join(f'url = "{address}"\noutput = "/dev/null"\n' for address in addresses))
        fetch = ["curl", "-sS", "--fail", "--parallel", "--parallel-max", "64", "-K", str(commands)]
        self.table.row(case + "the blobs", "curl, in parallel", lab.measure(fetch, self.runs))
        digests = [address.rsplit(":", 1)[1] for address in addresses]
        results = []
        for _ in range(self.runs):
            with lab.registry("empty") as empty:
                settle()
                results.append(small_uploads(empty, digests))
        self.table.row(case + "the blobs, up", "curl, in parallel", lab.Measurement(results))

    def far(self, host):
        """40 images, 40 ms away."""
        case = "40 images at 40 ms: "
        with lab.far_away(host) as far:
            self.series(far, 40, case, lab.far_away)
        # The same against a registry that takes less of the processors: what is left are round trips.
        names = lab.images(host, "many", max(1000, *self.units))[:40]
        with lab.embedded(self.kbld) as near, lab.far_away(near) as far:
            moved = path("moved.yml")
            source = lab.document("many.yml", [f"{host}/{name}" for name in names])
            lab.once([self.kbld, "relocate", "-f", source, "-r", f"{near}/many"], moved)
            document = path("far.yml")
            pathlib.Path(document).write_text(pathlib.Path(moved).read_text().replace(near, far))
            self.table.row(
                case + "pkg", "kbld, its own registry",
                lab.measure(self.package(document), self.runs, lambda: remove("out.tar")),
            )
            results = []
            for _ in range(self.runs):
                with lab.embedded(self.kbld) as empty, lab.far_away(empty) as there:
                    results.append(lab.once(self.unpackage(document, f"{there}/app")))
            self.table.row(case + "unpkg", "kbld, its own registry", lab.Measurement(results))
        remove("out.tar")

    def series(self, host, count, case, line=None):
        names = lab.images(host, "many", max(1000, *self.units))[:count]
        tags = lab.document("tags.yml", [f"{host}/{name.split('@')[0]}:1" for name in names])
        document = lab.document("many.yml", [f"{host}/{name}" for name in names])
        resolved = self.table.row(case + "resolve", "kbld", lab.measure([self.kbld, "-f", tags], self.runs))
        packaged = self.table.row(
            case + "pkg", "kbld", lab.measure(self.package(document), self.runs, lambda: remove("out.tar"))
        )
        results, again = [], []
        for _ in range(self.runs):
            with lab.registry("empty") as empty:
                settle()
                if line is None:
                    results.append(lab.once(self.unpackage(document, f"{empty}/app")))
                    again.append(lab.once(self.unpackage(document, f"{empty}/app")))
                else:
                    with line(empty) as there:
                        results.append(lab.once(self.unpackage(document, f"{there}/app")))
                        again.append(lab.once(self.unpackage(document, f"{there}/app")))
        unpackaged = self.table.row(case + "unpkg", "kbld", lab.Measurement(results))
        repeated = self.table.row(case + "unpkg again", "kbld", lab.Measurement(again))
        remove("out.tar")
        return resolved, packaged, unpackaged, repeated

    def beside(self, host, folder):
        """Start-up, 200 small images, 40 of them at 40 ms, 1 GiB: kbld and its peers in turns."""
        ours, others = peers.Kbld(self.kbld, "this kbld"), peers.found(folder)
        turns = lambda *rest: peers.in_turns(self.table, rest[0], ours, others, *rest[1:])
        turns("start-up: version", lambda peer: peer.version(), 40)
        many = lab.images(host, "many", max(1000, *self.units))
        for case, names, far in (
            ("200 images: ", many[:200], None), ("40 images at 40 ms: ", many[:40], lab.far_away),
            ("1 GiB in 8 layers: ", lab.images(host, "big", 128), None),
        ):
            with far(host) if far else contextlib.nullcontext(host) as source:
                job = peers.Job(source, names)
                if len(names) > 8:
                    turns(case + "resolve", lambda peer: peer.resolve(job), self.runs)

                def package(peer):
                    subprocess.run(["rm", "-rf", job.output(peer)], check=True)
                    settle()
                    return lab.once(peer.package(job))

                def unpackage(peer):
                    with lab.registry("empty") as empty, far(empty) if far else contextlib.nullcontext(empty) as there:
                        settle()
                        return lab.once(peer.unpackage(job, there))

                turns(case + "pkg", lambda peer: peer.package(job), self.runs, package)
                turns(case + "unpkg", lambda peer: peer.unpackage(job, "host"), self.runs, unpackage)
            for peer in [ours, *others]:
                subprocess.run(["rm", "-rf", job.output(peer)], check=True)

    def start(self, host):
        """Start-up alone."""
        self.table.row("start-up: version", "kbld", lab.measure([self.kbld, "version"], 40))
        self.table.row("start-up: nothing", "true", lab.measure(["true"], 40))

    def unit(self, host):
        """What one image costs, from few images to many."""
        print("\nmilliseconds an image     resolve      pkg    unpkg    again")
        table, runs = self.table, self.runs
        lines = []
        for count in self.units:
            self.runs = max(1, min(runs, 3000 // count))
            results = self.series(host, count, f"{count} images: ")
            lines.append(
                f"{count:>8} images        "
                + "".join(f"{1000 * result.seconds / count:>9.2f}" for result in results)
            )
        self.table, self.runs = table, runs
        print("\nmilliseconds an image     resolve      pkg    unpkg    again")
        print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=str(lab.ROOT / ".build/release/kbld"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--units", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--peers", metavar="DIR")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    lab.FOLDER.mkdir(parents=True, exist_ok=True)
    benchmarks = Benchmarks(os.path.abspath(arguments.bin), arguments.runs, arguments.units)
    with lab.registry("sets", fresh=False) as host:
        every = [] if arguments.peers else ["large", "small", "far", "start", "unit"]
        for case in arguments.cases or every:
            getattr(benchmarks, case)(host)
        if arguments.peers:
            benchmarks.beside(host, arguments.peers)


if __name__ == "__main__":
    main()
