#!/usr/bin/env python3
"""Sizes and requests of an image for ten platforms with attestations and signatures: whole, filtered and sparse. Prints
the table of docs/carrying.md.

usage: sparse.py --bin KBLD [--check FILE]    with --check: whether FILE has exactly this table
"""
import argparse, hashlib, http.client, json, os, random, re, subprocess, sys, tempfile, threading

PLATFORMS = ["linux/amd64", "linux/arm64/v8", "linux/arm/v7", "linux/arm/v6", "linux/386", "linux/ppc64le",
             "linux/s390x", "linux/riscv64", "linux/mips64le", "linux/loong64"]
OCI = "application/vnd.oci.image."


def digest(data): return "sha256:" + hashlib.sha256(data).hexdigest()


def text(value): return json.dumps(value, separators=(",", ":")).encode()


class Registry:
    """`kbld serve-registry`, and what it was asked."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "serve-registry", "--listen", "127.0.0.1:0", "--accept-sparse", "all"], stderr=subprocess.PIPE, text=True)
        self.lines, self.condition = [], threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.host = self.address()

    def read(self):
        for line in self.process.stderr:
            with self.condition:
                self.lines.append(line)
                self.condition.notify_all()

    def address(self):
        with self.condition:
            while True:
                for line in self.lines:
                    if found := re.search(r"127\.0\.0\.1:\d+", line): return found.group()
                self.condition.wait(20)

    def request(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        found = response.status, dict(response.getheaders()), response.read()
        connection.close()
        assert found[0] < 300, (method, path, found)
        return found

    def blob(self, data):
        location = self.request("POST", "/v2/app/blobs/uploads/")[1]["Location"]
        location = location.split(self.host, 1)[-1]
        self.request("PUT", f"{location}{'&' if '?' in location else '?'}digest={digest(data)}", data)
        return {"digest": digest(data), "size": len(data)}

    def manifest(self, kind, value, tag=None):
        data = text({"schemaVersion": 2, "mediaType": OCI + kind, **value})
        self.request("PUT", f"/v2/app/manifests/{tag or digest(data)}", data, {"Content-Type": OCI + kind})
        return {"mediaType": OCI + kind, "digest": digest(data), "size": len(data)}

    def mark(self):
        """A request that nothing else makes; all before it have been logged once it is."""
        self.marks = getattr(self, "marks", 0) + 1
        word = f"mark-{self.marks}"
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request("GET", f"/v2/{word}/tags/list")
        connection.getresponse().read()
        with self.condition:
            while not any(word in line for line in self.lines): self.condition.wait(20)
            return next(k for k, line in enumerate(self.lines) if word in line)

    def count(self, since, until): return sum("/v2/" in line for line in self.lines[since + 1:until])


def image(registry, layers, config):
    return registry.manifest("manifest.v1+json", {
        "config": {"mediaType": OCI + "config.v1+json", **registry.blob(text(config))},
        "layers": [{"mediaType": kind, **registry.blob(data)} for kind, data in layers]})


def push(registry):
    source, entries = random.Random(10), []
    for platform in PLATFORMS:
        system, architecture, *variant = platform.split("/")
        layer = source.randbytes(1 << 20)
        config = {"os": system, "architecture": architecture, "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}
        kept = image(registry, [(OCI + "layer.v1.tar", layer)], config)
        kept["platform"] = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
        statement = text({"_type": "https://in-toto.io/Statement/v0.1", "subject": [{"digest": kept["digest"]}],
                          "predicate": source.randbytes(2000).hex()})
        unknown = {"os": "unknown", "architecture": "unknown"}
        attested = image(registry, [("application/vnd.in-toto+json", statement)],
                         {**unknown, "rootfs": {"type": "layers", "diff_ids": [digest(statement)]}})
        attested["platform"] = unknown
        attested["annotations"] = {"vnd.docker.reference.type": "attestation-manifest",
                                   "vnd.docker.reference.digest": kept["digest"]}
        entries += [kept, attested]
    index = registry.manifest("index.v1+json", {"manifests": entries}, "1")
    payload = text({"critical": {"image": {"docker-manifest-digest": index["digest"]}}})
    signature = {"config": {"mediaType": OCI + "config.v1+json", **registry.blob(text({"rootfs": {"type": "layers",
                 "diff_ids": [digest(payload)]}}))},
                 "layers": [{"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", **registry.blob(payload)}]}
    registry.manifest("manifest.v1+json", signature, index["digest"].replace(":", "-") + ".sig")
    registry.manifest("manifest.v1+json", {**signature, "subject": index,
                                           "artifactType": "application/vnd.dev.cosign.artifact.sig.v1+json"})
    return index["digest"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--check")
    options = parser.parse_args()
    program = os.path.abspath(options.bin)
    with tempfile.TemporaryDirectory() as folder:
        registries = [Registry(program) for _ in range(2)]
        try:
            table = measure(program, folder, *registries)
        finally:
            for registry in registries: registry.process.terminate()
            for registry in registries: registry.process.wait()
    print(table, end="")
    if options.check:
        with open(options.check) as file:
            if table not in file.read(): sys.exit(f"{options.check} has another table")


def measure(program, folder, source, destination):
    index = push(source)
    documents, package = os.path.join(folder, "in.yml"), os.path.join(folder, "p.tar")
    with open(documents, "w") as file: file.write(f"image: {source.host}/app@{index}\n")

    def run(*arguments):
        process = subprocess.run([program, *arguments], capture_output=True, text=True)
        assert process.returncode == 0, process.stderr
        return process.stdout

    rows = [("", "package", "requests of `pkg`", "of `unpkg`", "index", "signatures"),
            ("---", "--:", "--:", "--:", "---", "---")]
    one = ["--platform", "linux/amd64"]
    for name, flags in (("whole", []), ("`--platform linux/amd64`", one),
                        ("`--platform linux/amd64 --sparse`", one + ["--sparse"])):
        start = source.mark()
        run("pkg", "-f", documents, "-o", package, "--referrers", "--cosign", *flags)
        fetched = source.count(start, source.mark())
        start = destination.mark()
        repository = f"{destination.host}/{len(rows)}/app"
        printed = run("unpkg", "-f", documents, "-i", package, "-r", repository)
        sent = destination.count(start, destination.mark())
        connection = http.client.HTTPConnection(destination.host, timeout=60)
        connection.request("GET", f"/v2/{len(rows)}/app/referrers/{index}")
        signed = len(json.loads(connection.getresponse().read()).get("manifests", []))
        connection.request("GET", f"/v2/{len(rows)}/app/manifests/{index.replace(':', '-')}.sig")
        response = connection.getresponse()
        response.read()
        signed += response.status == 200
        same = f"@{index}" in printed.split("metadata:")[0]
        size = f"{os.path.getsize(package) / (1 << 20):.1f} MiB"
        rows.append((name, size, str(fetched), str(sent), "same digest" if same else "new digest",
                     f"{signed} of 2"))
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


main()
