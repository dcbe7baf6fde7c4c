"""Pushes a referrer and a cosign signature of an image, as other programs do. Prints their references.

usage: push_artifacts.py HOST/REPOSITORY@sha256:HEX
"""
import hashlib, http.client, json, sys

name, digest = sys.argv[1].split("@")
host, repository = name.split("/", 1)


def ask(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if answer.status >= 300:
        sys.exit(f"{method} {path}: {answer.status} {data[:300]}")
    return answer, data


def push_blob(data):
    found = "sha256:" + hashlib.sha256(data).hexdigest()
    answer, _ = ask("POST", f"/v2/{repository}/blobs/uploads/")
    place = answer.headers["Location"]
    place = place[place.index("/v2/"):]
    ask("PUT", f"{place}{'&' if '?' in place else '?'}digest={found}", data)
    return found


def descriptor(kind, data):
    return {"mediaType": kind, "digest": push_blob(data), "size": len(data)}


def push_manifest(manifest, tag=None, kind="application/vnd.oci.image.manifest.v1+json"):
    data = json.dumps(manifest).encode()
    found = "sha256:" + hashlib.sha256(data).hexdigest()
    ask("PUT", f"/v2/{repository}/manifests/{tag or found}", data, {"Content-Type": kind})
    return {"mediaType": kind, "digest": found, "size": len(data)}


manifest = "application/vnd.oci.image.manifest.v1+json"
index = "application/vnd.oci.image.index.v1+json"
answer, subject = ask("GET", f"/v2/{repository}/manifests/{digest}", None, {"Accept": f"{index}, {manifest}"})
referrer = push_manifest({
    "schemaVersion": 2, "mediaType": manifest, "artifactType": "application/vnd.example.sbom",
    "config": descriptor("application/vnd.oci.empty.v1+json", b"{}"),
    "layers": [descriptor("application/json", b'{"packages": []}')],
    "subject": {"mediaType": answer.headers["Content-Type"], "digest": digest, "size": len(subject)},
})
listed = dict(referrer, artifactType="application/vnd.example.sbom")
push_manifest({"schemaVersion": 2, "mediaType": index, "manifests": [listed]}, digest.replace(":", "-"), index)
signature = push_manifest({
    "schemaVersion": 2, "mediaType": manifest,
    "config": descriptor("application/vnd.oci.image.config.v1+json", b'{"rootfs": {"diff_ids": ["sha256:0"]}}'),
    "layers": [descriptor("application/vnd.dev.cosign.simplesigning.v1+json", b'{"critical": {}}')],
}, digest.replace(":", "-") + ".sig")
print(f"{name}@{referrer['digest']}")
print(f"{name}@{signature['digest']}")
