"""Other programs that do the same work, in turns with kbld: ratios of what ran side by side."""
import os
import pathlib
import statistics

import lab


class Peer:
    """A program, by the start of its file's name. A job that it doesn't do has no command."""

    def __init__(self, program, name):
        self.program, self.name = program, name

    def resolve(self, job):
        return None

    def package(self, job):
        return None

    def unpackage(self, job, host):
        return None

    def loop(self, lines):
        return ["sh", "-ec", "\n".join(lines)]


class Kbld(Peer):
    def version(self):
        return [self.program, "version"]

    def resolve(self, job):
        return [self.program, "-f", job.tags]

    def package(self, job):
        return [self.program, "pkg", "-f", job.document, "-o", job.output(self)]

    def unpackage(self, job, host):
        return [self.program, "unpkg", "-f", job.document, "-i", job.output(self), "-r", f"{host}/app"]


class Crane(Peer):
    def version(self):
        return [self.program, "version"]

    def resolve(self, job):
        return self.loop(f"{self.program} digest --insecure {tag}" for tag in job.tag_names)

    def package(self, job):
        return [self.program, "pull", "--insecure", "--format=oci", *job.names, job.output(self)]


class Imgpkg(Peer):
    def version(self):
        return [self.program, "version"]

    def package(self, job):
        return [self.program, "copy", "--registry-insecure", "--lock", job.lock, "--to-tar", job.output(self)]

    def unpackage(self, job, host):
        return [self.program, "copy", "--registry-insecure", "--tar", job.output(self), "--to-repo", f"{host}/app"]


class Skopeo(Peer):
    def version(self):
        return [self.program, "--version"]

    def resolve(self, job):
        flags = "--tls-verify=false --format {{.Digest}}"
        return self.loop(f"{self.program} inspect {flags} docker://{tag}" for tag in job.tag_names)

    def copy(self, source, destination):
        return f"{self.program} copy -q -a --preserve-digests --src-tls-verify=false --dest-tls-verify=false {source} {destination}"

    def package(self, job):
        folder = job.output(self)
        return self.loop(self.copy(f"docker://{name}", f"oci:{folder}:{i}") for i, name in enumerate(job.names))

    def unpackage(self, job, host):
        folder = job.output(self)
        return self.loop(self.copy(f"oci:{folder}:{i}", f"docker://{host}/app:{i}") for i in range(len(job.names)))


KINDS = {"kbld": Kbld, "crane": Crane, "imgpkg": Imgpkg, "skopeo": Skopeo}


def found(folder):
    """The programs of a folder that are known here."""
    peers = []
    for file in sorted(pathlib.Path(folder).iterdir()):
        kind = next((kind for start, kind in KINDS.items() if file.name.startswith(start)), None)
        if kind and os.access(file, os.X_OK) and file.is_file():
            peers.append(kind(str(file.resolve()), file.name))
    return peers


class Job:
    """Images of a registry, as each program wants them named."""

    def __init__(self, host, names):
        self.names = [f"{host}/{name}" for name in names]
        self.tag_names = [f"{host}/{name.split('@')[0]}:1" for name in names]
        self.tags = lab.document("tags.yml", self.tag_names)
        self.document = lab.document("many.yml", self.names)
        self.lock = str(lab.FOLDER / "images.lock.yml")
        entries = "".join(f"- image: {name}\n" for name in self.names)
        pathlib.Path(self.lock).write_text(f"apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n{entries}")

    def output(self, peer):
        return str(lab.FOLDER / f"out-{peer.name}")


def in_turns(table, case, ours, peers, command, runs, around=None):
    """Runs one job by all programs, in turns; a row for each, with the median of the ratios of each turn."""
    programs = [ours] + [peer for peer in peers if command(peer) is not None]
    results = {program: [] for program in programs}
    for turn in range(runs):
        # Nobody is always the first.
        order = programs[turn % len(programs):] + programs[:turn % len(programs)]
        for program in order:
            results[program].append(around(program) if around else lab.once(command(program)))
    for program in programs:
        pairs = list(zip(results[ours], results[program], strict=True))
        ratio = None
        if program is not ours:
            ratio = tuple(statistics.median(mine[i] / max(other[i], 1e-6) for mine, other in pairs) for i in (0, 1))
        table.turn(case, program.name, lab.Measurement(results[program]), ratio)
