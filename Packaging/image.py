#!/usr/bin/env python3
"""Writes an OCI image of a kbld binary as an archive: the program, certificates, a user without rights, nothing else.

The image is put together here, pushed to a registry that the program serves, and packaged by the program itself.

usage: image.py --bin KBLD --version VERSION --output FILE.tar [--certificates FILE] [--arch ARCH]
Times in it are SOURCE_DATE_EPOCH, else 0.
"""
import argparse
import contextlib
import datetime
import gzip
import hashlib
import http.client
import io
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import time

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def encoded(value):
    return json.dumps(value, separators=(",", ":")).encode()


def layer(files):
    """A tarball of names, bytes and modes; what has no bytes is a folder. Folders come before what is in them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data, mode in files:
            entry = tarfile.TarInfo(name)
            entry.mtime, entry.mode = EPOCH, mode
            if data is None:
                entry.type = tarfile.DIRTYPE
                tar.addfile(entry)
            else:
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@contextlib.contextmanager
def registry(binary):
    """A registry in the memory of the program, while the block runs: its host and port."""
    with tempfile.TemporaryDirectory() as folder:
        ready = pathlib.Path(folder, "ready")
        server = subprocess.Popen([binary, "serve-registry", "--listen", "127.0.0.1:0", "--ready-file", str(ready),
                                   "--quiet"])
        try:
            while not ready.exists():
                if server.poll() is not None:
                    raise SystemExit(f"the registry ended with status {server.returncode}")
                time.sleep(0.02)
            yield ready.read_text().strip()
        finally:
            server.terminate()
            server.wait()


def put(host, path, data, media_type):
    connection = http.client.HTTPConnection(host)
    connection.request("PUT", path, data, {"Content-Type": media_type})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status != 201:
        raise SystemExit(f"PUT {path}: {answer.status} {text}")


def push_blob(host, data):
    connection = http.client.HTTPConnection(host)
    connection.request("POST", "/v2/kbld/blobs/uploads/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    place = answer.headers["Location"].split(host, 1)[-1]
    put(host, f"{place}{'&' if '?' in place else '?'}digest={digest(data)}", data, "application/octet-stream")


def archive(layout, output, version):
    """A layout's folder as a tarball. The image gets its own name in place of that of the registry here."""
    index = json.loads((layout / "index.json").read_bytes())
    (descriptor,) = index["manifests"]
    descriptor["annotations"] = {
        "io.containerd.image.name": f"docker.io/library/kbld:{version}", "org.opencontainers.image.ref.name": version,
    }
    (layout / "index.json").write_bytes(encoded(index))
    names = ["oci-layout", "index.json", *sorted(str(p.relative_to(layout)) for p in layout.glob("blobs/*/*"))]
    with open(output, "wb") as file:
        file.write(layer([(name, (layout / name).read_bytes(), 0o644) for name in names]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, type=os.path.abspath)
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--certificates", default="/etc/ssl/certs/ca-certificates.crt")
    parser.add_argument("--arch", default="amd64")
    args = parser.parse_args()
    program = pathlib.Path(args.bin).read_bytes()
    certificates = pathlib.Path(args.certificates).read_bytes()
    user = b"nonroot:x:65532:65532:nonroot:/data:/sbin/nologin\n"
    tar = layer([
        ("etc", None, 0o755), ("etc/group", b"nonroot:x:65532:\n", 0o644), ("etc/passwd", user, 0o644),
        ("etc/ssl", None, 0o755), ("etc/ssl/certs", None, 0o755),
        ("etc/ssl/certs/ca-certificates.crt", certificates, 0o644),
        ("data", None, 0o1777), ("kbld", program, 0o755), ("tmp", None, 0o1777),
    ])
    compressed = gzip.compress(tar, 9, mtime=0)
    created = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    labels = {
        "org.opencontainers.image.title": "kbld", "org.opencontainers.image.version": args.version,
        "org.opencontainers.image.licenses": "Apache-2.0", "org.opencontainers.image.created": created,
    }
    config = encoded({
        "created": created, "architecture": args.arch, "os": "linux",
        "config": {"User": "65532:65532", "Entrypoint": ["/kbld"], "WorkingDir": "/data", "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [digest(tar)]},
        "history": [{"created": created, "created_by": "kbld " + args.version}],
    })
    manifest = encoded({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": digest(config), "size": len(config)},
        "layers": [{"mediaType": LAYER, "digest": digest(compressed), "size": len(compressed)}],
        "annotations": labels,
    })
    with registry(args.bin) as host:
        for blob in (config, compressed):
            push_blob(host, blob)
        put(host, f"/v2/kbld/manifests/{args.version}", manifest, MANIFEST)
        document = f"image: {host}/kbld@{digest(manifest)}\n"
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([args.bin, "pkg", "-f", "-", "--format", "oci", "-o", folder + "/layout/", "--quiet"],
                           check=True, input=document.encode(), stdout=subprocess.DEVNULL)
            archive(pathlib.Path(folder, "layout"), args.output, args.version)
    print(digest(manifest))


if __name__ == "__main__":
    main()
