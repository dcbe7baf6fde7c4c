#!/usr/bin/env python3
"""Makes small images and pushes them: the named ones, each for two platforms, or those of the demo.

usage: push_images.py HOST:PORT [NAME:TAG…]
"""
import gzip, hashlib, http.client, io, json, sys, tarfile

HOST = sys.argv[1]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def request(method, path, body=b"", headers={}):
    connection = http.client.HTTPConnection(HOST, timeout=30)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status not in (200, 201, 202):
        sys.exit(f"{method} {path}: {response.status}")
    return response


def push_blob(repository, data):
    location = request("POST", f"/v2/{repository}/blobs/uploads/").getheader("Location")
    separator = "&" if "?" in location else "?"
    request("PUT", f"{location}{separator}digest={digest(data)}", data)


def push_manifest(repository, reference, manifest, media_type):
    data = json.dumps(manifest).encode()
    request("PUT", f"/v2/{repository}/manifests/{reference or digest(data)}", data, {"Content-Type": media_type})
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def layer(name, text):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    return file.getvalue()


def push_image(repository, tag, architecture, tars):
    layers = []
    for tar in tars:
        data = gzip.compress(tar, mtime=0)
        push_blob(repository, data)
        layers.append(
            {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(data), "size": len(data)})
    config = json.dumps({"architecture": architecture, "os": "linux",
                         "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in tars]}}).encode()
    push_blob(repository, config)
    return push_manifest(repository, tag, {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
        "layers": layers}, MANIFEST)


def push_index(repository, tag, text):
    children = []
    for architecture in ("amd64", "arm64"):
        child = push_image(repository, None, architecture, [base, layer("bin/program", text(architecture))])
        children.append({**child, "platform": {"os": "linux", "architecture": architecture}})
    push_manifest(repository, tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": children}, INDEX)


base = layer("etc/os-release", b"NAME=demo\n")
for name in sys.argv[2:]:
    push_index("library/" + name.split(":")[0], name.split(":")[1], lambda architecture: f"{name} {architecture}\n".encode() * 500)
if len(sys.argv) == 2:
    push_image("shop/web", "1.0", "amd64", [base, layer("srv/index.html", b"<h1>shop</h1>\n" * 1000)])
    push_index("shop/worker", "latest", lambda architecture: architecture.encode() * 5000)
    print("pushed shop/web:1.0 (one image) and shop/worker:latest (an index of two)")
