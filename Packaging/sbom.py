#!/usr/bin/env python3
"""Writes an SPDX 2.3 document of what a kbld binary is made of: its packages, and the system's libraries within it.

usage: sbom.py --bin KBLD --version VERSION --resolved Package.resolved --output FILE
Times in it are SOURCE_DATE_EPOCH, else 0.
"""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess

# What is linked statically besides the packages: a name, the Debian package that has it, its license.
SYSTEM = [
    ("glibc", "libc6-dev", "LGPL-2.1-or-later"), ("libstdc++", "libstdc++-12-dev", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    ("libsodium", "libsodium-dev", "ISC"),
    ("libxcrypt", "libcrypt-dev", "LGPL-2.1-or-later"), ("libyaml", "libyaml-dev", "MIT"),
    ("toml++", "libtomlplusplus-dev", "MIT"), ("zlib", "zlib1g-dev", "Zlib"), ("zstd", "libzstd-dev", "BSD-3-Clause"),
]


def version_of(package):
    """The version of a Debian package; nothing on other systems."""
    try:
        said = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return said.stdout or None


def part(name, version, license, location="NOASSERTION", purl=None):
    entry = {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name), "name": name,
        "downloadLocation": location, "filesAnalyzed": False,
        "licenseConcluded": license, "licenseDeclared": license, "copyrightText": "NOASSERTION",
    }
    if version:
        entry["versionInfo"] = version
    if purl:
        entry["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        ]
    return entry


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--resolved", required=True, type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    args = parser.parse_args()
    sha256 = hashlib.sha256(args.bin.read_bytes()).hexdigest()
    created = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    main_part = part("kbld", args.version, "Apache-2.0") | {
        "primaryPackagePurpose": "APPLICATION", "checksums": [{"algorithm": "SHA256", "checksumValue": sha256}],
    }
    parts = []
    for pin in sorted(json.loads(args.resolved.read_text())["pins"], key=lambda p: p["identity"]):
        version = pin["state"].get("version")
        url = pin["location"]
        place = re.sub(r"^https://|\.git$", "", url)
        parts.append(part(pin["identity"], version, "NOASSERTION", "git+" + url, f"pkg:swift/{place}@{version}"))
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    found = re.search(r"Swift version ([\w.-]+)", swift)
    parts.append(part("swift-runtime", found and found[1], "Apache-2.0 WITH Swift-exception",
                      "git+https://github.com/swiftlang/swift"))
    for name, package, license in SYSTEM:
        version = version_of(package)
        purl = f"pkg:deb/debian/{package}@{version}" if version else None
        parts.append(part(name, version, license, purl=purl))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"kbld-{args.version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/kbld-{args.version}-{sha256}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: kbld-sbom"]},
        "packages": [main_part, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-kbld"},
            *({"spdxElementId": "SPDXRef-kbld", "relationshipType": "STATIC_LINK", "relatedSpdxElement": p["SPDXID"]}
              for p in parts),
        ],
    }
    args.output.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
