#!/usr/bin/env python3
"""Checks a registry against the OCI distribution specification 1.1, category by category.

usage: registry_conformance.py HOST write              pushes what it needs, and checks all four categories
       registry_conformance.py HOST read REPO DIGEST   checks pull and content discovery of an image that is there
Prints one line a check: "ok CATEGORY: NAME" or "FAILED CATEGORY: NAME: what came".
"""
import base64, hashlib, http.client, json, os, sys

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
host, mode = sys.argv[1], sys.argv[2]
auth = os.environ.get("REGISTRY_AUTH")
failures = 0


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Answer:
    def __init__(self, response, method):
        self.status = response.status
        self.headers = {key.lower(): value for key, value in response.getheaders()}
        self.body = response.read()
        self.method = method

    def json(self):
        return json.loads(self.body)

    def code(self):
        try:
            return self.json()["errors"][0]["code"]
        except Exception:
            return None


def ask(method, path, body=None, **headers):
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    if auth:
        headers["Authorization"] = "Basic " + base64.b64encode(auth.encode()).decode()
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, path.split(host, 1)[-1], body, headers)
    answer = Answer(connection.getresponse(), method)
    connection.close()
    return answer


def check(category, name, holds, answer=None):
    global failures
    if holds:
        print(f"ok {category}: {name}")
        return
    failures += 1
    seen = f"{answer.status} {answer.headers} {answer.body[:300]!r}" if answer is not None else ""
    print(f"FAILED {category}: {name}: {seen}")


def push_blob(repo, data):
    start = ask("POST", f"/v2/{repo}/blobs/uploads/", b"")
    place = start.headers["location"]
    mark = "&" if "?" in place else "?"
    return ask("PUT", f"{place}{mark}digest={digest(data)}", data, Content_Type="application/octet-stream")


def image(config, layers, **more):
    def about(data, kind):
        return {"mediaType": kind, "digest": digest(data), "size": len(data)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                "config": about(config, more.pop("config_type", "application/vnd.oci.image.config.v1+json")),
                "layers": [about(layer, "application/vnd.oci.image.layer.v1.tar+gzip") for layer in layers]}
    manifest.update(more)
    return json.dumps(manifest).encode()


def pull(repo, tag, raw, kind, blob):
    """raw: a manifest's bytes; blob: those of a layer of it."""
    section, name = "pull", digest(raw)
    answer = ask("GET", "/v2/")
    check(section, "GET /v2/ answers 200", answer.status == 200, answer)
    for reference in [name] + ([tag] if tag else []):
        kind_of = "digest" if ":" in reference else "tag"
        answer = ask("HEAD", f"/v2/{repo}/manifests/{reference}", Accept=f"{MANIFEST}, {INDEX}")
        check(section, f"HEAD of a manifest by {kind_of}",
              answer.status == 200 and answer.headers.get("docker-content-digest") == name
              and int(answer.headers.get("content-length", -1)) == len(raw) and not answer.body, answer)
        answer = ask("GET", f"/v2/{repo}/manifests/{reference}", Accept=f"{MANIFEST}, {INDEX}")
        check(section, f"GET of a manifest by {kind_of}",
              answer.status == 200 and answer.body == raw and answer.headers.get("content-type") == kind
              and answer.headers.get("docker-content-digest") == name, answer)
    absent = digest(b"nobody pushed this")
    for method in ["GET", "HEAD"]:
        answer = ask(method, f"/v2/{repo}/manifests/{absent}")
        check(section, f"{method} of a manifest that isn't there answers 404",
              answer.status == 404 and (method == "HEAD" or answer.code() == "MANIFEST_UNKNOWN"), answer)
        answer = ask(method, f"/v2/{repo}/manifests/.INVALID_MANIFEST_NAME!")
        check(section, f"{method} of a bad reference answers 404 or 400", answer.status in (400, 404), answer)
        answer = ask(method, f"/v2/{repo}/blobs/{absent}")
        check(section, f"{method} of a blob that isn't there answers 404",
              answer.status == 404 and (method == "HEAD" or answer.code() == "BLOB_UNKNOWN"), answer)
    place = f"/v2/{repo}/blobs/{digest(blob)}"
    answer = ask("HEAD", place)
    check(section, "HEAD of a blob", answer.status == 200 and int(answer.headers["content-length"]) == len(blob)
          and not answer.body, answer)
    answer = ask("GET", place)
    check(section, "GET of a blob", answer.status == 200 and answer.body == blob, answer)
    size = len(blob)
    for text, want in [("bytes=0-0", blob[:1]), ("bytes=1-3", blob[1:4]), (f"bytes={size - 2}-", blob[-2:]),
                       (f"bytes=2-{size + 100}", blob[2:]), ("bytes=-3", blob[-3:])]:
        answer = ask("GET", place, Range=text)
        check(section, f"Range {text.replace(str(size - 2), 'end').replace(str(size + 100), 'past')} answers 206",
              answer.status == 206 and answer.body == want
              and answer.headers.get("content-range", "").endswith(f"/{size}"), answer)
    answer = ask("GET", place, Range=f"bytes={size}-")
    check(section, "a Range past the end answers 416", answer.status == 416, answer)
    answer = ask("GET", f"/v2/{repo}/blobs/sha256:totally-wrong")
    check(section, "a bad digest answers 400 or 404", answer.status in (400, 404), answer)
    answer = ask("GET", "/v2/Upper/Case/manifests/latest")
    check(section, "a bad name answers 400 or 404", answer.status in (400, 404), answer)
    answer = ask("GET", "/v2/no/such/repository/manifests/latest")
    check(section, "an unknown repository answers 404", answer.status == 404, answer)


def our_own(repo, raw, blob):
    """What this project's registry does beyond the specification."""
    section = "beyond"
    place = f"/v2/{repo}/blobs/{digest(blob)}"
    first = ask("GET", place)
    again = ask("GET", place, If_None_Match=first.headers.get("etag", ""))
    check(section, "a blob that is known answers 304", again.status == 304 and not again.body, again)
    place = f"/v2/{repo}/manifests/{digest(raw)}"
    again = ask("GET", place, If_None_Match=ask("HEAD", place).headers.get("etag", ""))
    check(section, "a manifest that is known answers 304", again.status == 304, again)
    answer = ask("GET", f"/v2/{repo}/blobs/{digest(blob)}", Range="bytes=0-1,4-5")
    check(section, "several ranges answer the whole", answer.status == 200 and answer.body == blob, answer)
    answer = ask("POST", f"/v2/{repo}/manifests/latest", b"")
    check(section, "an unknown operation answers 405", answer.status == 405 and answer.code() == "UNSUPPORTED", answer)
    answer = ask("GET", "/v2/_catalog")
    check(section, "the catalog lists the repository", repo in answer.json()["repositories"], answer)
    answer = ask("GET", "/v2/_catalog?n=1")
    check(section, "the catalog is given in parts", len(answer.json()["repositories"]) == 1, answer)
    answer = ask("GET", "/")
    check(section, "there is an HTML page", answer.status == 200 and digest(raw) in answer.body.decode()
          and "text/html" in answer.headers["content-type"], answer)


def tags(repo, expected):
    section = "content discovery"
    answer = ask("GET", f"/v2/{repo}/tags/list")
    check(section, "the list of tags is sorted", answer.status == 200
          and answer.json() == {"name": repo, "tags": sorted(expected)}, answer)
    found, place, parts = [], f"/v2/{repo}/tags/list?n=2", 0
    while place and parts < 10:
        answer = ask("GET", place)
        part = answer.json().get("tags") or []
        check(section, "a part of the list is no longer than asked for", len(part) <= 2, answer)
        found, parts = found + part, parts + 1
        link = answer.headers.get("link")
        place = link.split(">")[0].lstrip("<") if link else None
    check(section, "the parts make the whole", found == sorted(expected), answer)
    last = sorted(expected)[0]
    answer = ask("GET", f"/v2/{repo}/tags/list?n=100&last={last}")
    check(section, "the list goes on after 'last'", (answer.json()["tags"] or []) == sorted(expected)[1:], answer)
    answer = ask("GET", "/v2/no/such/repository/tags/list")
    check(section, "an unknown repository has no list", answer.status == 404, answer)


def write():
    repo, section = "conformance/one", "push"
    config, layer = b'{"architecture":"amd64","os":"linux"}', os.urandom(3000)
    answer = push_blob(repo, config)
    check(section, "POST then PUT takes a blob", answer.status == 201 and answer.headers.get("location"), answer)
    got = ask("GET", answer.headers["location"])
    check(section, "the Location of a blob gives it", got.status == 200 and got.body == config, got)
    answer = ask("POST", f"/v2/{repo}/blobs/uploads/?digest={digest(layer)}", layer,
                 Content_Type="application/octet-stream")
    if answer.status == 202:
        mark = "&" if "?" in answer.headers["location"] else "?"
        answer = ask("PUT", f"{answer.headers['location']}{mark}digest={digest(layer)}", layer)
    check(section, "POST with a digest takes a blob at once", answer.status == 201, answer)
    answer = ask("GET", f"/v2/{repo}/blobs/{digest(layer)}")
    check(section, "a pushed blob can be pulled", answer.body == layer, answer)

    data = os.urandom(5000)
    start = ask("POST", f"/v2/{repo}/blobs/uploads/", b"", Content_Length="0")
    check(section, "POST begins an upload", start.status == 202 and start.headers.get("location"), start)
    place = start.headers["location"]
    answer = ask("PATCH", place, data[:2000], Content_Type="application/octet-stream", Content_Range="0-1999")
    check(section, "PATCH takes the first chunk", answer.status == 202 and answer.headers.get("range") == "0-1999", answer)
    place = answer.headers["location"]
    answer = ask("GET", place)
    check(section, "GET tells how far an upload is", answer.status == 204 and answer.headers.get("range") == "0-1999", answer)
    answer = ask("PATCH", place, data[3000:], Content_Type="application/octet-stream", Content_Range="3000-4999")
    check(section, "a chunk out of order answers 416", answer.status == 416, answer)
    answer = ask("PATCH", place, data[:2000], Content_Type="application/octet-stream", Content_Range="0-1999")
    check(section, "a chunk that is there already answers 416", answer.status == 416, answer)
    answer = ask("PATCH", ask("GET", place).headers["location"], data[2000:4000],
                 Content_Type="application/octet-stream", Content_Range="2000-3999")
    check(section, "PATCH takes the next chunk", answer.status == 202 and answer.headers.get("range") == "0-3999", answer)
    mark = "&" if "?" in answer.headers["location"] else "?"
    answer = ask("PUT", f"{answer.headers['location']}{mark}digest={digest(data)}", data[4000:],
                 Content_Type="application/octet-stream", Content_Range="4000-4999")
    check(section, "PUT takes the last chunk", answer.status == 201
          and answer.headers.get("docker-content-digest") == digest(data), answer)
    answer = ask("GET", f"/v2/{repo}/blobs/{digest(data)}")
    check(section, "chunks make the whole", answer.body == data, answer)

    start = ask("POST", f"/v2/{repo}/blobs/uploads/", b"")
    answer = ask("PATCH", start.headers["location"], data, Content_Type="application/octet-stream")
    mark = "&" if "?" in answer.headers["location"] else "?"
    answer = ask("PUT", f"{answer.headers['location']}{mark}digest={digest(b'something else')}", b"")
    check(section, "a blob with another digest answers 400", answer.status == 400 and answer.code() == "DIGEST_INVALID", answer)
    start = ask("POST", f"/v2/{repo}/blobs/uploads/", b"")
    answer = ask("DELETE", start.headers["location"])
    check(section, "an upload can be given up", answer.status == 204, answer)
    answer = ask("GET", start.headers["location"])
    check(section, "an upload that was given up answers 404", answer.status == 404, answer)

    other = "conformance/two"
    answer = ask("POST", f"/v2/{other}/blobs/uploads/?mount={digest(layer)}&from={repo}", b"")
    check(section, "a blob is mounted from another repository", answer.status == 201, answer)
    answer = ask("GET", f"/v2/{other}/blobs/{digest(layer)}")
    check(section, "a mounted blob can be pulled", answer.status == 200 and answer.body == layer, answer)
    answer = ask("POST", f"/v2/{other}/blobs/uploads/?mount={digest(b'not there')}&from={repo}", b"")
    check(section, "a mount of what isn't there begins an upload", answer.status == 202 and answer.headers.get("location"), answer)

    raw = image(config, [layer])
    for reference in ["v1", "v2", "v3", "latest", "A.b_c-d", digest(raw)]:
        answer = ask("PUT", f"/v2/{repo}/manifests/{reference}", raw, Content_Type=MANIFEST)
        check(section, f"PUT of a manifest by {'digest' if ':' in reference else 'tag'}", answer.status == 201
              and answer.headers.get("location"), answer)
    answer = ask("GET", answer.headers["location"])
    check(section, "the Location of a manifest gives it", answer.status == 200 and answer.body == raw, answer)
    answer = ask("PUT", f"/v2/{repo}/manifests/{digest(b'another')}", raw, Content_Type=MANIFEST)
    check(section, "a manifest under another digest answers 400", answer.status == 400, answer)
    answer = ask("PUT", f"/v2/{repo}/manifests/bad", image(config, [b"never pushed"]), Content_Type=MANIFEST)
    check(section, "a manifest without its layers is refused", answer.status in (400, 404)
          and answer.code() == "MANIFEST_BLOB_UNKNOWN", answer)
    answer = ask("PUT", f"/v2/{repo}/manifests/bad", b"{no json", Content_Type=MANIFEST)
    check(section, "a manifest that is no JSON is refused", answer.status == 400, answer)
    tags(repo, ["v1", "v2", "v3", "latest", "A.b_c-d"])
    pull(repo, "latest", raw, MANIFEST, layer)

    section = "content discovery"
    empty = b"{}"
    push_blob(repo, empty)
    subject = {"mediaType": MANIFEST, "digest": digest(raw), "size": len(raw)}
    sbom = image(empty, [layer], config_type="application/vnd.oci.empty.v1+json", artifactType="application/x.sbom",
                 subject=subject, annotations={"made": "here"})
    sign = image(empty, [], config_type="application/x.signature", subject=subject)
    later = {"mediaType": MANIFEST, "digest": digest(b"comes later"), "size": 11}
    early = image(empty, [], config_type="application/x.signature", subject=later)
    for item, about in [(sbom, subject), (sign, subject), (early, later)]:
        answer = ask("PUT", f"/v2/{repo}/manifests/{digest(item)}", item, Content_Type=MANIFEST)
        check(section, "a push with a subject names it in OCI-Subject", answer.status == 201
              and answer.headers.get("oci-subject") == about["digest"], answer)
    listed = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "artifactType": "application/x.list",
                         "manifests": [subject], "subject": subject}).encode()
    answer = ask("PUT", f"/v2/{repo}/manifests/{digest(listed)}", listed, Content_Type=INDEX)
    check(section, "an index may have a subject", answer.headers.get("oci-subject") == digest(raw), answer)
    answer = ask("GET", f"/v2/{repo}/referrers/{digest(raw)}")
    found = {entry["digest"]: entry for entry in answer.json()["manifests"]}
    check(section, "referrers lists all that have the subject", answer.status == 200
          and answer.headers.get("content-type") == INDEX and set(found) == {digest(sbom), digest(sign), digest(listed)}, answer)
    check(section, "an entry has the artifact's type, size and notes",
          found[digest(sbom)]["artifactType"] == "application/x.sbom" and found[digest(sbom)]["size"] == len(sbom)
          and found[digest(sbom)]["annotations"] == {"made": "here"}, answer)
    check(section, "without artifactType the config's type counts", found[digest(sign)]["artifactType"] == "application/x.signature", answer)
    answer = ask("GET", f"/v2/{repo}/referrers/{digest(raw)}?artifactType=application%2Fx.sbom")
    check(section, "referrers are filtered by type", [e["digest"] for e in answer.json()["manifests"]] == [digest(sbom)]
          and answer.headers.get("oci-filters-applied") == "artifactType", answer)
    answer = ask("GET", f"/v2/{repo}/referrers/{later['digest']}")
    check(section, "referrers of what isn't there yet", [e["digest"] for e in answer.json()["manifests"]] == [digest(early)], answer)
    answer = ask("GET", f"/v2/{repo}/referrers/{digest(b'nothing')}")
    check(section, "no referrers are an empty list", answer.status == 200 and answer.json()["manifests"] == [], answer)
    answer = ask("GET", f"/v2/{repo}/referrers/nonsense")
    check(section, "referrers of no digest answer 400", answer.status == 400, answer)
    if "--beyond" in sys.argv:
        our_own(repo, raw, layer)

    section = "content management"
    answer = ask("DELETE", f"/v2/{repo}/manifests/v1")
    check(section, "a tag is deleted", answer.status == 202, answer)
    answer = ask("GET", f"/v2/{repo}/manifests/v1")
    check(section, "a deleted tag answers 404", answer.status == 404, answer)
    answer = ask("GET", f"/v2/{repo}/manifests/{digest(raw)}")
    check(section, "the manifest of a deleted tag stays", answer.status == 200, answer)
    answer = ask("DELETE", f"/v2/{repo}/manifests/{digest(sbom)}")
    check(section, "a referrer is deleted", answer.status == 202, answer)
    answer = ask("GET", f"/v2/{repo}/referrers/{digest(raw)}")
    check(section, "a deleted referrer is not listed",
          digest(sbom) not in [e["digest"] for e in answer.json()["manifests"]], answer)
    answer = ask("DELETE", f"/v2/{repo}/manifests/{digest(raw)}")
    check(section, "a manifest is deleted", answer.status == 202, answer)
    answer = ask("GET", f"/v2/{repo}/manifests/{digest(raw)}")
    check(section, "a deleted manifest answers 404", answer.status == 404, answer)
    answer = ask("GET", f"/v2/{repo}/tags/list")
    check(section, "its tags went with it", not answer.json()["tags"], answer)
    answer = ask("DELETE", f"/v2/{repo}/blobs/{digest(layer)}")
    check(section, "a blob is deleted", answer.status == 202, answer)
    answer = ask("GET", f"/v2/{repo}/blobs/{digest(layer)}")
    check(section, "a deleted blob answers 404", answer.status == 404, answer)
    answer = ask("GET", f"/v2/{other}/blobs/{digest(layer)}")
    check(section, "a blob stays in other repositories", answer.status == 200 and answer.body == layer, answer)
    answer = ask("DELETE", f"/v2/{repo}/blobs/{digest(layer)}")
    check(section, "deleting what isn't there answers 404", answer.status == 404, answer)


def read(repo, name):
    answer = ask("GET", f"/v2/{repo}/manifests/{name}")
    raw, kind = answer.body, answer.headers.get("content-type")
    check("pull", "the image is there", answer.status == 200 and digest(raw) == name, answer)
    layer = json.loads(raw)["layers"][0]["digest"]
    blob = ask("GET", f"/v2/{repo}/blobs/{layer}").body
    check("pull", "a layer has its digest", digest(blob) == layer)
    pull(repo, "kbld-" + name.replace(":", "-"), raw, kind, blob)
    tags(repo, ask("GET", f"/v2/{repo}/tags/list").json()["tags"])
    answer = ask("GET", f"/v2/{repo}/referrers/{name}")
    check("content discovery", "referrers are a list", answer.status == 200
          and answer.headers.get("content-type") == INDEX and isinstance(answer.json()["manifests"], list), answer)
    our_own(repo, raw, blob)
    for method, path in [("POST", "blobs/uploads/"), ("PUT", f"manifests/{name}"), ("DELETE", f"manifests/{name}"),
                         ("DELETE", f"blobs/{layer}")]:
        answer = ask(method, f"/v2/{repo}/{path}", b"")
        check("read-only", f"{method} of {path.split('/')[0]} answers 405", answer.status == 405
              and answer.code() == "UNSUPPORTED", answer)


if mode == "write":
    write()
else:
    read(sys.argv[3], sys.argv[4])
sys.exit(1 if failures else 0)
