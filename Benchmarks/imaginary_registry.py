#!/usr/bin/env python3
"""A registry of images that nobody has made: manifests with large layers, to be planned and not to be copied.

usage: imaginary_registry.py PORT IMAGES [--size BYTES]

It has IMAGES images of BYTES (100 MiB) each, in repositories `team0/app` to `team99/app` with tags `v0`, `v1` and so on:
a base layer of a third of that which twenty images share, one that the images of a repository share, and four layers of
its own. `GET /references` lists them by digest. Other repositories are empty, and layers can't be had.
"""
import argparse
import asyncio
import hashlib
import json

REPOSITORIES = 100


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Content:
    """All manifests and configs, by path."""

    def __init__(self, images, size):
        self.answers, self.tags, self.references = {}, {}, []
        layer = lambda name, size: {
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": sha256(name.encode()), "size": size
        }
        for number in range(images):
            repository = f"team{number % REPOSITORIES}/app"
            layers = [layer(f"base {number // 20}", size // 3), layer(f"common {repository}", size // 100)]
            layers += [layer(f"own {number} {part}", size // 7) for part in range(4)]
            config = json.dumps(
                {
                    "os": "linux", "architecture": "amd64",
                    "rootfs": {"type": "layers", "diff_ids": [one["digest"] for one in layers]},
                }
            ).encode()
            kind = "application/vnd.oci.image.manifest.v1+json"
            manifest = json.dumps(
                {
                    "schemaVersion": 2, "mediaType": kind,
                    "config": {
                        "mediaType": "application/vnd.oci.image.config.v1+json",
                        "digest": sha256(config), "size": len(config),
                    },
                    "layers": layers,
                }
            ).encode()
            digest, tag = sha256(manifest), f"v{number // REPOSITORIES}"
            for name in (digest, tag):
                self.answers[f"/v2/{repository}/manifests/{name}"] = (kind, digest, manifest)
            self.answers[f"/v2/{repository}/blobs/{sha256(config)}"] = ("application/octet-stream", None, config)
            self.tags.setdefault(repository, []).append(tag)
            self.references.append(f"{repository}@{digest}")

    def answer(self, method, target):
        path = target.split("?")[0]
        if path in ("/v2/", "/v2"):
            return 200, "application/json", None, b"{}"
        if path == "/references":
            return 200, "text/plain", None, "\n".join(self.references).encode()
        if path.endswith("/tags/list"):
            repository = path[4:-10]
            if repository in self.tags:
                body = json.dumps({"name": repository, "tags": self.tags[repository]}).encode()
                return 200, "application/json", None, body
        if path in self.answers and method in ("GET", "HEAD"):
            return 200, *self.answers[path]
        return 404, "application/json", None, b'{"errors":[{"code":"NAME_UNKNOWN"}]}'


class Connection(asyncio.Protocol):
    content = None

    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        answers = []
        while b"\r\n\r\n" in self.buffer:
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            status, kind, digest, body = self.content.answer(method, target)
            text = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            if digest:
                text += f"Docker-Content-Digest: {digest}\r\n"
            answers.append(text.encode() + b"\r\n" + (b"" if method == "HEAD" else body))
        self.transport.write(b"".join(answers))


async def serve(port):
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("images", type=int)
    parser.add_argument("--size", type=int, default=100 << 20)
    arguments = parser.parse_args()
    Connection.content = Content(arguments.images, arguments.size)
    asyncio.run(serve(arguments.port))
