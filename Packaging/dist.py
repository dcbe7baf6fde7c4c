#!/usr/bin/env python3
"""Makes what a release consists of, from a binary: the program, a tarball and a Debian package with man pages and
completions, an OCI image, an SBOM, and the sums of all.

usage: dist.py --bin KBLD --resolved Package.resolved --output FOLDER
Times in it are SOURCE_DATE_EPOCH, else 0: the same binary gives the same bytes.
"""
import argparse
import datetime
import gzip
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

import binary
import manual

HERE = pathlib.Path(__file__).resolve().parent
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
CONTROL = """\
Package: kbld
Version: {version}
Section: utils
Priority: optional
Architecture: {arch}
Installed-Size: {size}
Maintainer: kbld for Swift <kbld@localhost>
Description: pins, packages and relocates container images
 Finds image references in Kubernetes documents, resolves them to digests,
 packages all images into one tarball and installs them in another registry
 under exactly the same digests.
"""


def python(script, *arguments):
    subprocess.run([sys.executable, HERE / script, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def architecture(binary):
    """The architecture that the program says it was built for."""
    said = subprocess.run([binary, "version"], check=True, capture_output=True, text=True).stderr
    return said.strip().rsplit("/", 1)[1]


def tree(folder, binary, version):
    """The files below `/usr`."""
    (folder / "bin").mkdir(parents=True)
    shutil.copy(binary, folder / "bin/kbld")
    (folder / "bin/kbld").chmod(0o755)
    day = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).date().isoformat()
    python("manual.py", "--bin", binary, "--output", folder / "share", "--date", day)
    for page in (folder / "share/man").rglob("*.1"):
        page.with_suffix(".1.gz").write_bytes(gzip.compress(page.read_bytes(), 9, mtime=0))
        page.unlink()
    documents = folder / "share/doc/kbld"
    documents.mkdir(parents=True)
    for name in ("LICENSE", "README.md", "CHANGELOG.md"):
        shutil.copy(HERE.parent / name, documents / name)
    shutil.move(documents / "LICENSE", documents / "copyright")


def tarball(folder, top, output):
    """A compressed tarball of a folder, in the order of names and owned by root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            entry = tar.gettarinfo(path, f"{top}/{path.relative_to(folder)}")
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = EPOCH, 0, 0, "root", "root"
            entry.mode = 0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644
            with (open(path, "rb") if path.is_file() else io.BytesIO()) as file:
                tar.addfile(entry, file)
    output.write_bytes(gzip.compress(buffer.getvalue(), 9, mtime=0))


def debian_package(root, version, arch, output):
    size = sum(p.stat().st_size for p in root.rglob("*") if p.is_file()) // 1024
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(CONTROL.format(version=version, arch=arch, size=size))
    for path in root.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (EPOCH, EPOCH))
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(EPOCH)}
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", "-Zxz", root, output], check=True, env=environment,
                   stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, type=os.path.abspath)
    parser.add_argument("--resolved", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    args = parser.parse_args()
    version, arch = manual.own_version(args.bin), architecture(args.bin)
    name = f"kbld-{version}-linux-{arch}"
    shutil.rmtree(args.output, ignore_errors=True)
    args.output.mkdir(parents=True)
    (args.output / name).write_bytes(binary.reproducible(pathlib.Path(args.bin).read_bytes()))
    (args.output / name).chmod(0o755)
    # What is run from here on, and packed, is what is released.
    args.bin = os.path.abspath(args.output / name)
    with tempfile.TemporaryDirectory() as work:
        usr = pathlib.Path(work, "usr")
        tree(usr, args.bin, version)
        tarball(usr, name, args.output / f"{name}.tar.gz")
        root = pathlib.Path(work, "deb")
        root.mkdir()
        shutil.move(usr, root / "usr")
        # Debian's zsh looks elsewhere.
        shutil.move(root / "usr/share/zsh/site-functions", root / "usr/share/zsh/vendor-completions")
        debian_package(root, version, arch, args.output / f"kbld_{version}_{arch}.deb")
    python("image.py", "--bin", args.bin, "--version", version, "--arch", arch, "--output",
           args.output / f"{name}.oci.tar")
    python("sbom.py", "--bin", args.bin, "--version", version, "--resolved", args.resolved, "--output",
           args.output / f"{name}.spdx.json")
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(args.output.iterdir())]
    (args.output / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    main()
