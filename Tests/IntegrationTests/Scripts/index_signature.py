#!/usr/bin/env python3
"""Signs an index as cosign does, under its tag and as a referrer; and checks both at another registry. The keys are openssl's.

usage: index_signature.py sign|check HOST/NAME@DIGEST FOLDER
"""
import base64, hashlib, http.client, json, os, subprocess, sys

ANNOTATION = "dev.cosignproject.cosign/signature"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(data): return "sha256:" + hashlib.sha256(data).hexdigest()


def openssl(*arguments, data=None): return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


class Repository:
    def __init__(self, name): self.host, self.name = name.split("/", 1)

    def request(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.request(method, path if path.startswith("/v2") else f"/v2/{self.name}/{path}", body, headers)
        response = connection.getresponse()
        return response.status, response.getheader("Location"), response.read()

    def get(self, path):
        status, _, body = self.request("GET", path, headers={"Accept": f"{MANIFEST}, {INDEX}"})
        assert status == 200, (path, status, body)
        return body

    def blob(self, data):
        location = self.request("POST", "blobs/uploads/")[1].split(self.host, 1)[-1]
        status = self.request("PUT", f"{location}{'&' if '?' in location else '?'}digest={digest(data)}", data)[0]
        assert status == 201, status
        return {"digest": digest(data), "size": len(data)}

    def manifest(self, value, name=None):
        data = json.dumps(value).encode()
        status, _, body = self.request("PUT", f"manifests/{name or digest(data)}", data, {"Content-Type": value["mediaType"]})
        assert status == 201, (status, body)
        return {"mediaType": value["mediaType"], "digest": digest(data), "size": len(data)}


def sign(repository, subject, folder):
    key, public = os.path.join(folder, "key.pem"), os.path.join(folder, "key.pub")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    openssl("ec", "-in", key, "-pubout", "-out", public)
    payload = json.dumps({"critical": {"type": "cosign container image signature",
                                       "image": {"docker-manifest-digest": subject}}}).encode()
    signature = base64.b64encode(openssl("dgst", "-sha256", "-sign", key, data=payload)).decode()
    config = json.dumps({"architecture": "", "os": "", "rootfs": {"type": "layers", "diff_ids": [digest(payload)]}})
    value = {"schemaVersion": 2, "mediaType": MANIFEST,
             "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **repository.blob(config.encode())},
             "layers": [{"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
                         "annotations": {ANNOTATION: signature}, **repository.blob(payload)}]}
    tag = subject.replace(":", "-")
    repository.manifest(value, tag + ".sig")
    size = len(repository.get("manifests/" + subject))
    referrer = repository.manifest({**value, "subject": {"mediaType": INDEX, "digest": subject, "size": size}})
    repository.manifest({"schemaVersion": 2, "mediaType": INDEX, "manifests": [referrer]}, tag)


def check(repository, subject, folder):
    assert digest(repository.get("manifests/" + subject)) == subject
    tag = subject.replace(":", "-")
    status, _, body = repository.request("GET", "referrers/" + subject)
    listed = json.loads(body if status == 200 else repository.get("manifests/" + tag))["manifests"]
    assert len(listed) == 1, listed
    for name in (tag + ".sig", listed[0]["digest"]):
        layer = json.loads(repository.get("manifests/" + name))["layers"][0]
        payload = repository.get("blobs/" + layer["digest"])
        assert json.loads(payload)["critical"]["image"]["docker-manifest-digest"] == subject
        path = os.path.join(folder, "signature")
        with open(path, "wb") as file: file.write(base64.b64decode(layer["annotations"][ANNOTATION]))
        openssl("dgst", "-sha256", "-verify", os.path.join(folder, "key.pub"), "-signature", path, data=payload)
    print("both signatures verify")


name, subject = sys.argv[2].split("@")
{"sign": sign, "check": check}[sys.argv[1]](Repository(name), subject, sys.argv[3])
