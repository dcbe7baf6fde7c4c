#!/usr/bin/env python3
"""Pushes images of one small layer each to a registry that takes a blob in one request, and prints a YAML stream of them.

usage: many_images.py HOST:PORT COUNT
"""
import hashlib, http.client, json, sys

OCI = "application/vnd.oci.image."
host, count = sys.argv[1], int(sys.argv[2])
connection = http.client.HTTPConnection(host)


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def request(method, path, body, media_type="application/octet-stream"):
    connection.request(method, path, body, {"Content-Type": media_type})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 201, (method, path, answer.status)


def blob(repository, data, media_type):
    request("POST", f"/v2/{repository}/blobs/uploads/?digest={digest(data)}", data)
    return {"mediaType": OCI + media_type, "digest": digest(data), "size": len(data)}


for number in range(count):
    repository = f"team{number % 50}/app{number}"
    layer = f"layer {number} ".encode() * 60
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": OCI + "manifest.v1+json",
        "config": blob(repository, json.dumps(config).encode(), "config.v1+json"),
        "layers": [blob(repository, layer, "layer.v1.tar")],
    }).encode()
    request("PUT", f"/v2/{repository}/manifests/v1", manifest, OCI + "manifest.v1+json")
    print(f"---\nimage: {host}/{repository}@{digest(manifest)}")
