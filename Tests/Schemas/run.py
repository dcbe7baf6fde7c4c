#!/usr/bin/env python3
"""Shows the recorded configuration of clusters to programs and schemas that know its formats: `make schemas`.

What accepts a file is written beside the file's digest into accepted.txt, so that a unit test can tell a file that was
changed and that nothing has accepted since. What isn't installed, or given, is named, and its lines are left as they are.
"""
import argparse, hashlib, json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent / "Fixtures"
RECORD = Path(__file__).resolve().parent / "accepted.txt"


class Absent(Exception):
    """What would accept a file isn't there."""


def program(name):
    path = shutil.which(name)
    if not path: raise Absent(name)
    return path


def documents(path):
    return [d for d in yaml.safe_load_all(path.read_text()) if d]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode: raise ValueError(done.stderr.strip())
    return done.stdout


def kubernetes(path, schemas):
    try: import kubernetes_validate
    except ImportError: raise Absent("kubernetes-validate (of PyPI)")
    all = ["1.34", "1.35", "1.36", "1.37"]
    versions = {"mutating-admission-policy.yaml": all[2:], "mutating-admission-policy-v1beta1.yaml": all[:2]}
    versions = versions.get(path.name, all)
    for document in documents(path):
        for version in versions: kubernetes_validate.validate(document, version, strict=True)
    return f"kubernetes-validate {kubernetes_validate.__version__}: Kubernetes {', '.join(versions)}"


def resource(path, schemas):
    import jsonschema
    file = schemas and schemas / path.name
    if not file or not file.exists(): raise Absent(f"the CustomResourceDefinition {path.name} in --schemas")
    versions = yaml.safe_load(file.read_text())["spec"]["versions"]
    for document in documents(path):
        version = document["apiVersion"].split("/")[1]
        schema = next(v for v in versions if v["name"] == version)["schema"]["openAPIV3Schema"]
        schema["properties"]["metadata"] = {"type": "object"}
        jsonschema.Draft202012Validator(refusing_others(schema)).validate(document)
    return "the CustomResourceDefinition of its project"


def refusing_others(schema):
    """The schema, without fields that it doesn't name: a server would drop these."""
    if isinstance(schema, list): return [refusing_others(s) for s in schema]
    if not isinstance(schema, dict): return schema
    schema = {k: refusing_others(v) for k, v in schema.items()}
    if schema.get("x-kubernetes-int-or-string") is True: schema.pop("type", None)
    if schema.get("type") == "object" and "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema.setdefault("additionalProperties", False)
    return schema


def talos(path, schemas):
    import jsonschema
    file = schemas and schemas / "talos.json"
    if not file or not file.exists(): raise Absent("Talos's config.schema.json, as talos.json in --schemas")
    for document in documents(path): jsonschema.validate(document, json.loads(file.read_text()))
    return "Talos's config.schema.json"


def kustomize(path, schemas):
    """Every image that the component names is renamed, in what Kustomize prints."""
    kubectl = program("kubectl")
    images = documents(path)[0]["images"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "out").mkdir()
        shutil.copy(path, folder / "out")
        names = [i["name"].replace("\\[", "[") for i in images]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
               "spec": {"containers": [{"name": f"c{n}", "image": f"{name}:1"} for n, name in enumerate(names)]}}
        (folder / "pod.yaml").write_text(yaml.safe_dump(pod))
        (folder / "kustomization.yaml").write_text("resources: [pod.yaml]\ncomponents: [out]\n")
        pod = yaml.safe_load(run(kubectl, "kustomize", str(folder)))
        version = json.loads(run(kubectl, "version", "--client", "-o", "json"))["kustomizeVersion"]
    for container, image in zip(pod["spec"]["containers"], images):
        expected = image["newName"] + ("@" + image["digest"] if "digest" in image else ":1")
        if container["image"] != expected: raise ValueError(f"{image['name']} became {container['image']}")
    return f"Kustomize {version}"


def helm(path, schemas):
    """A chart that knows the global registry gets it."""
    helm = program("helm")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "templates").mkdir()
        (folder / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
        (folder / "templates/x.yaml").write_text('image: "{{ .Values.global.imageRegistry }}/app"\n')
        printed = run(helm, "template", "x", str(folder), "-f", str(path))
    expected = documents(path)[0]["global"]["imageRegistry"] + "/app"
    if expected not in printed: raise ValueError(f"{printed!r} lacks {expected}")
    return "Helm " + run(helm, "version", "--template", "{{.Version}}")


def skopeo(path, schemas):
    """The file is read: only then the registry is asked, at a port where nobody listens."""
    skopeo = program("skopeo")
    done = subprocess.run([skopeo, "--registries-conf", str(path), "inspect", "docker://127.0.0.1:1/x"],
                          capture_output=True, text=True)
    if "connection refused" not in done.stderr: raise ValueError(done.stderr)
    return run(skopeo, "--version").strip()


def policy(path, schemas):
    """The policy's expressions, evaluated on a pod for each image that it names."""
    try: import cel
    except ImportError: raise Absent("common-expression-language (of PyPI)")
    spec = documents(path)[0]["spec"]

    def simple(text):
        # Typed objects are maps, and lists that may be absent are there: what is left is the language itself.
        text = re.sub(r"Object(\.\w+)*\{", "{", text)
        text = re.sub(r"([{,]\s*)(\w+):", r"\1'\2':", text)
        text = re.sub(r"\.\?(\w+)\.orValue\(\[\]\)", r".\1", text)
        return re.sub(r"(\b[cv](?:\.\w+)+)\.find\(('[^']*')\)", r"find(\1, \2)", text)

    def find(text, pattern):
        found = re.search(pattern, text)
        return found.group() if found else ""

    context = cel.Context()
    context.add_function("find", find)
    variables = {v["name"]: cel.evaluate(v["expression"], context) for v in spec["variables"]}
    digest = variables["digests"][0] if "digests" in variables else "@sha256:" + "0" * 64
    cases = {f"{name}{digest}": f"{mirror}{digest}" for name, mirror in variables["mirrors"].items()}
    cases |= {"other/image" + digest: None}
    for image, expected in cases.items():
        one = [{"name": "x", "image": image}]
        context.add_variable("object", {"spec": {
            "containers": one, "initContainers": one, "ephemeralContainers": one,
            "volumes": [{"name": "data"}, {"name": "x", "image": {"reference": image}}]}})
        context.add_variable("oldObject", {"spec": {"ephemeralContainers": []}})
        context.add_variable("variables", variables)
        result = {}
        for mutation in spec["mutations"]:
            result |= cel.evaluate(simple(mutation["applyConfiguration"]["expression"]), context)["spec"]
        for kind in ["containers", "initContainers", "ephemeralContainers", "volumes"]:
            got = [v["image"]["reference"] if kind == "volumes" else v["image"] for v in result[kind]]
            if got != ([expected] if expected else []): raise ValueError(f"{kind}: {image} became {got}")
    return "an engine of CEL, with objects as maps"


CHECKS = [
    ("cluster-jobs/*.yml", [kubernetes]),
    ("cluster-configuration/*/mutating-admission-policy*.yaml", [kubernetes, policy]),
    ("cluster-configuration/*/idms.yaml", [resource]),
    ("cluster-configuration/*/itms.yaml", [resource]),
    ("cluster-configuration/*/kyverno.yaml", [resource]),
    ("cluster-configuration/*/talos/registry-mirrors.yaml", [talos]),
    ("cluster-configuration/*/kustomization.yaml", [kustomize]),
    ("cluster-configuration/*/helm-values.yaml", [helm]),
    ("cluster-configuration/*/registries.conf.d/*.conf", [skopeo]),
]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--schemas", type=Path, metavar="FOLDER",
                           help="CustomResourceDefinitions (idms.yaml, itms.yaml, kyverno.yaml), and talos.json")
    arguments.add_argument("--record", action="store_true", help="write accepted.txt")
    options = arguments.parse_args()
    known = set(RECORD.read_text().splitlines()) if RECORD.exists() else set()
    lines, absent, faults = [], set(), 0
    for pattern, checks in CHECKS:
        for path in sorted(ROOT.glob(pattern)):
            name, digest = path.relative_to(ROOT), hashlib.sha256(path.read_bytes()).hexdigest()
            for check in checks:
                try:
                    lines.append(f"{digest}  {name}\t{check.__name__}\t{check(path, options.schemas)}")
                except Absent as reason:
                    absent.add(str(reason))
                    lines += [l for l in known if l.startswith(f"{digest}  {name}\t{check.__name__}\t")]
                except Exception as error:
                    faults += 1
                    print(f"{name}: {check.__name__}: {error}", file=sys.stderr)
    for reason in sorted(absent): print(f"not installed, or not given: {reason}", file=sys.stderr)
    print(f"{len(lines)} accepted, {faults} faults")
    if options.record and not faults:
        RECORD.write_text("".join(f"{l}\n" for l in sorted(lines, key=lambda l: l.split("  ")[1])))
    sys.exit(1 if faults else 0)


main()
