#!/usr/bin/env python3
"""Pushes an image with one large layer; prints its reference.

usage: large_blob.py REGISTRY MEBIBYTES
"""
import hashlib, http.client, json, sys

HOST, MEBIBYTES = sys.argv[1], int(sys.argv[2])
TYPE = "application/vnd.oci.image."


def request(method, path, body=b"", headers={}):
    connection = http.client.HTTPConnection(HOST, timeout=120)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    assert answer.status < 300, (answer.status, answer.read())
    return answer.headers


def blob(content, size):
    """Pushes the pieces that `content` gives."""
    hashed = hashlib.sha256()
    for piece in content():
        hashed.update(piece)
    digest = "sha256:" + hashed.hexdigest()
    location = request("POST", "/v2/large/blobs/uploads/")["Location"].split(HOST, 1)[-1]
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    request("PUT", f"{location}&digest={digest}", content(), headers)
    return {"digest": digest, "size": size}


layer = blob(lambda: (bytes([number % 251]) * (1 << 20) for number in range(MEBIBYTES)), MEBIBYTES << 20)
config = blob(lambda: iter([b"{}"]), 2)
manifest = json.dumps({
    "schemaVersion": 2,
    "mediaType": TYPE + "manifest.v1+json",
    "config": {"mediaType": TYPE + "config.v1+json", **config},
    "layers": [{"mediaType": TYPE + "layer.v1.tar", **layer}],
}).encode()
request("PUT", "/v2/large/manifests/1", manifest, {"Content-Type": TYPE + "manifest.v1+json"})
print(f"{HOST}/large@sha256:{hashlib.sha256(manifest).hexdigest()}")
