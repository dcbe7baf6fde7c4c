"""Pushes images to HOST and signs them by openssl's keys, in the working folder; makes documents that name them.

a has a signature under cosign's tag, b a bundle that refers to it, i is an index with a tag's signature, c has none. f has a
bundle with a certificate, g one whose certificate no log has: those of certificates.json.

usage: sign_images.py HOST [COUNT]

many.yml names COUNT more, m0 and so on, with layers of 64 KiB.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys
import urllib.request

host = sys.argv[1]
OCI = "application/vnd.oci.image."
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
EMPTY = "application/vnd.oci.empty.v1+json"


def request(method, url, data=None, headers=None):
    url = url if url.startswith("http") else f"http://{host}{url}"
    return urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers or {}))


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob(repository, data, media_type):
    place = request("POST", f"/v2/{repository}/blobs/uploads/").headers["Location"]
    request("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest(data)}", data,
            {"Content-Type": "application/octet-stream"})
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def manifest(repository, value, tag=None):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    request("PUT", f"/v2/{repository}/manifests/{tag or digest(data)}", data,
            {"Content-Type": json.loads(data)["mediaType"]})
    return {"mediaType": json.loads(data)["mediaType"], "digest": digest(data), "size": len(data)}


def image(repository, text, architecture="amd64", layers=None):
    config = {"os": "linux", "architecture": architecture, "rootfs": {"type": "layers", "diff_ids": []}}
    return manifest(repository, {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
        "config": blob(repository, json.dumps(config).encode(), OCI + "config.v1+json"),
        "layers": [blob(repository, layer, OCI + "layer.v1.tar") for layer in layers or [text.encode() * 1000]]})


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, check=True, capture_output=True).stdout


def sign(key, data):
    return base64.b64encode(openssl("dgst", "-sha256", "-sign", key + ".key", stdin=data)).decode()


def sign_by_tag(repository, subject, key):
    payload = json.dumps({"critical": {
        "identity": {"docker-reference": f"{host}/{repository}"},
        "image": {"docker-manifest-digest": subject["digest"]},
        "type": "cosign container image signature"}, "optional": None}).encode()
    layer = blob(repository, payload, "application/vnd.dev.cosign.simplesigning.v1+json")
    layer["annotations"] = {"dev.cosignproject.cosign/signature": sign(key, payload)}
    manifest(repository, {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
        "config": blob(repository, b"{}", OCI + "config.v1+json"), "layers": [layer],
    }, subject["digest"].replace(":", "-") + ".sig")


def refer(repository, subject, bundle):
    manifest(repository, {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "artifactType": BUNDLE,
        "config": blob(repository, b"{}", EMPTY),
        "layers": [blob(repository, json.dumps(bundle).encode(), BUNDLE)], "subject": subject})


def sign_by_bundle(repository, subject, key):
    statement = json.dumps({
        "_type": "https://in-toto.io/Statement/v1", "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "subject": [{"name": "", "digest": {"sha256": subject["digest"][7:]}}], "predicate": {}}).encode()
    kind = "application/vnd.in-toto+json"
    signed = f"DSSEv1 {len(kind)} {kind} {len(statement)} ".encode() + statement
    refer(repository, subject, {
        "mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": "aGludA=="}},
        "dsseEnvelope": {"payload": base64.b64encode(statement).decode(), "payloadType": kind,
                         "signatures": [{"sig": sign(key, signed)}]}})


def document(name, *images):
    with open(name, "w") as file:
        file.write("images:\n" + "".join(f"- image: {host}/{r}@{d['digest']}\n" for r, d in images))


for key in ("team", "other"):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key + ".key")
    openssl("ec", "-in", key + ".key", "-pubout", "-out", key + ".pub")
a, b, c = image("a", "one"), image("b", "two"), image("c", "three")
sign_by_tag("a", a, "team")
sign_by_bundle("b", b, "team")
children = [image("i", "four"), image("i", "five", "arm64")]
index = manifest("i", {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
    {**child, "platform": {"os": "linux", "architecture": architecture}}
    for child, architecture in zip(children, ("amd64", "arm64"))]})
sign_by_tag("i", index, "team")
document("signed.yml", ("a", a), ("b", b), ("i", index))
document("unsigned.yml", ("a", a), ("c", c))
document("child.yml", ("i", index), ("i", children[0]))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "certificates.json")) as file:
    certificates = json.load(file)
for name, bundle in (("f", "valid"), ("g", "invalid")):
    subject = manifest(name, certificates["manifest"].encode())
    refer(name, subject, certificates[bundle])
    document(name + ".yml", (name, subject))
with open("trusted_root.json", "w") as file:
    json.dump(certificates["root"], file)
with open("identity", "w") as file:
    file.write(certificates["identity"] + "\n" + certificates["issuer"])

many = []
for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
    repository = f"m{number}"
    many.append((repository, image(repository, "", layers=[os.urandom(65536) for _ in range(2)])))
    (sign_by_bundle if number % 2 else sign_by_tag)(*many[-1], "team")
document("many.yml", *many)
