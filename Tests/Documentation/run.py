#!/usr/bin/env python3
"""Runs what README.md and docs/ show, with a kbld binary and a registry of its own on loopback. Python 3 standard
library only.

usage: run.py --bin KBLD [--only PAGE] [-v]

How blocks are marked:

- ```console is run: each line that begins with `$ ` is a command (bash), the lines below it are lines of its output,
  in their order. Some may be left out; `…` stands for anything, and digests, numbers and sizes may differ. The exit
  status must be 0, or 1 where the output has a line that begins with `kbld: Error:`.
- ```yaml whose first line is a comment with a file's name (`# app.yml`) is written to that file before what follows.
  All must be YAML, and each document that is a config of kbld's must be accepted by it.
- ```sh, other YAML, indented blocks and `kbld …` within lines are not run: every command and flag of kbld in them must
  be one that the program has. A script (`#!/bin/sh`, then `# its/name.sh`) is written to that file.

Lines have 120 columns at most. Links within the project must lead to files and headings that are there. Messages in
troubleshooting.md are printed by the commands above, or are in the sources. Every page, command, flag, config field and
variable must be somewhere in the documentation (`gaps`).

Each page runs in a folder of its own, which has the files that pages name (FILES and PREPARATION below). Programs other
than kbld are the scripts in `bin/`. Hosts and short names of images are those of the registry (`rewritten`).
"""
import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
IMAGES = ["nginx:1.27", "nginx:1.28", "nginx:1.29", "nginx:1.27.5", "nginx:1.28.3", "nginx:latest", "redis:7", "redis:latest", "busybox:latest"]
HOSTS = r"(?:[a-z]+\.example\.com|registry\.local|(?:index\.)?docker\.io|ghcr\.io|127\.0\.0\.1:5000)"
POD = "kind: Pod\napiVersion: v1\nmetadata:\n  name: app\nspec:\n  containers:\n  - name: web\n    image: {0}\n  - name: cache\n    image: redis:7\n"
# Flags of other programs, and words that stand for any.
OTHERS = {
    "--all", "--authfile", "--flag", "--isolation", "--no-flag", "--post-renderer", "--registry-secret", "--src-creds",
    "--src-tls-verify", "--units", "--user",
}
# Fields of locks and of earlier versions, which people don't write.
UNDOCUMENTED_FIELDS = {"origins", "label", "annotations", "osVersion", "osFeatures"}
CONFIG = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n"
# What pages name without showing it.
FILES = {
    "config.yml": POD.format("nginx:1.29"),
    "app.yml": POD.format("nginx:1.29"),
    "config/app.yml": POD.format("nginx:1.29"),
    "config/config.yml": CONFIG,
    "images.txt": "nginx:1.29\nredis:7  # one a line\n",
    "v1/app.yml": POD.format("nginx:1.28"),
    "v2/app.yml": POD.format("nginx:1.29"),
}
PREPARATION = """
kbld -f config.yml > resolved.yml
kbld -f config.yml --lock-output kbld.lock.yml > /dev/null
kbld -f v1 > v1.yml
kbld -f v2 > v2.yml
kbld pkg -f resolved.yml -o images.tar
kbld pkg -f v1.yml -o v1.tar
kbld pkg -f v2.yml --base v1.tar -o delta.tar
cp v1.tar old.tar; cp images.tar new.tar; cp v1.tar front.tar; cp images.tar back.tar
kbld pkg -f resolved.yml --format oci -o images.oci.tar; cp images.oci.tar nginx.tar
kbld unpkg -f v1.yml -i v1.tar -r registry.local/app > installed.yml
kbld unpkg -f resolved.yml -i images.tar -r registry.local/app > installed.yml
"""


def blocks(text):
    """The fenced blocks of a page, as (line, mark, lines); indented ones have the mark `indented`."""
    lines, position = text.split("\n"), 0
    while position < len(lines):
        line, start = lines[position], position + 1
        fence = re.match(r"( *)```(\w*)$", line)
        if fence:
            body = []
            position += 1
            while position < len(lines) and lines[position].strip() != "```":
                body.append(lines[position][len(fence[1]):])
                position += 1
            yield start, fence[2], body
        elif line.startswith("    ") and (position == 0 or not lines[position - 1].strip()):
            body = []
            while position < len(lines) and (lines[position].startswith("    ") or not lines[position].strip()):
                body.append(lines[position][4:])
                position += 1
            yield start, "indented", body
            continue
        position += 1


def steps(body):
    """The commands of a console block with the output that follows each: (offset, command, lines)."""
    found = []
    for offset, line in enumerate(body):
        if found and found[-1][1].endswith("\\") and not found[-1][2]:
            found[-1][1] = found[-1][1][:-1] + line.strip()
        elif line.startswith("$ "):
            found.append([offset, line[2:], []])
        elif found and line.strip():
            found[-1][2].append(line)
    return found


def rewritten(text, host):
    """The text with the registry's own address in place of the hosts that pages name, and before short names."""
    text = re.sub(HOSTS, host, text)
    short = "|".join(sorted({image.split(":")[0] for image in IMAGES}))
    return re.sub(rf"(?<![\w/.:@-])({short})(?=[:@\s'\"\],]|$)(?!:$)", rf"{host}/library/\1", text, flags=re.M)


def without_details(line):
    """A line without what differs from run to run."""
    line = re.sub(r"sha256[:-][0-9a-f]+…?", "sha256:#", line.strip())
    line = re.sub(r"127\.0\.0\.1:\d+", "HOST", line)
    return re.sub(r"\d[\d,.]*( ([KMGT]i)?B\b)?", "#", line)


def pattern(line):
    return re.compile(".*".join(map(re.escape, re.split("…", without_details(line)))))


def headings(text):
    """The anchors of a page's headings, as GitHub names them."""
    lines = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M), re.M)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


class Commands:
    """The commands and flags that the program says it has."""

    def __init__(self, binary):
        dump = subprocess.run([binary, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
        self.root = json.loads(dump)["command"]
        self.flags = set()
        self.collect(self.root)

    @staticmethod
    def names(command):
        flags = {}
        for argument in command.get("arguments", []):
            for name in argument.get("names", []):
                text = ("-" if name["kind"] == "short" else "--") + name["name"]
                flags[text] = argument["kind"] == "option"
        return flags

    def shown_flags(self, command):
        """The long flags of a command and those below it, but for hidden ones and negations."""
        flags = set()
        for argument in command.get("arguments", []):
            if argument.get("shouldDisplay", True):
                flags |= {"--" + name["name"] for name in argument.get("names", []) if name["kind"] == "long"}
        for inner in command.get("subcommands", []):
            flags |= self.shown_flags(inner)
        return {flag for flag in flags if not flag.startswith("--no-")}

    def collect(self, command):
        self.flags |= set(self.names(command))
        for inner in command.get("subcommands", []):
            self.collect(inner)

    def fault(self, words):
        """What is wrong with the words after `kbld`, or None."""
        command = self.root
        flags = {**self.names(command), "-h": False, "--help": False, "--version": False, "-v": False}
        children = {}

        def enter(command):
            children.clear()
            for inner in command.get("subcommands", []):
                for name in [inner["commandName"], *inner.get("aliases", [])]:
                    children[name] = inner
            flags.update(self.names(command))
            if command.get("defaultSubcommand"):
                flags.update(self.names(children[command["defaultSubcommand"]]))

        enter(command)
        taken = False
        for word in words:
            if taken:
                taken = False
            elif word in ("help", "…", "[…]"):
                return None
            elif word.startswith("--"):
                name = word.split("=")[0]
                if name not in flags:
                    return f"no flag {name}"
                taken = flags[name] and "=" not in word
            elif re.match(r"-[A-Za-z]", word):
                if word[:2] not in flags:
                    return f"no flag {word[:2]}"
                taken = flags[word[:2]] and len(word) == 2
            elif word in children:
                command = children[word]
                flags = {**self.names(self.root), "-h": False, "--help": False}
                enter(command)
            elif command is self.root and not taken:
                return f"no command '{word}'"
        return None


def calls(line):
    """The words after each `kbld` that is a command in a line."""
    arguments = re.search(r"args: \[((?:un)?pkg|relocate|resolve|serve|verify)(, [^\]]*)?\]", line)
    if arguments:
        yield arguments[1] + (arguments[2] or ""), (arguments[1] + (arguments[2] or "")).split(", ")
    for match in re.finditer(r"(?:^|[|;&(`]|&&|\$\(|[a-z_-]+: |- |\bexec |\bssh \S+ |\$ )\s*(?:[A-Z_]+=\S* )*kbld ([^|;&`]*)", line):
        text = re.split(r"\s#|\s?\d?>|<\(|\)(?=\s|$)|\"\]$", match[1])[0]
        try:
            yield match[1], shlex.split(text.rstrip("\\ "))
        except ValueError:
            yield match[1], text.split()


class Lab:
    """A registry, the programs that pages name, and the files."""

    def __init__(self, binary):
        self.binary = binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="documentation-"))
        self.environment = {
            "PATH": f"{self.folder}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin", "HOME": f"{self.folder}/home",
            "KBLD": binary, "LC_ALL": "C.UTF-8", "TMPDIR": str(self.folder), "PAGER": "cat",
        }

    def __enter__(self):
        shutil.copytree(HERE / "bin", self.folder / "bin")
        (self.folder / "home").mkdir()
        ready = self.folder / "ready"
        self.registry = subprocess.Popen(
            [self.binary, "serve-registry", "--listen", "127.0.0.1:0", "--ready-file", ready],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)
        deadline = time.monotonic() + 30
        while not (ready.exists() and ready.read_text().strip()):
            if time.monotonic() > deadline or self.registry.poll() is not None:
                sys.exit("the registry did not start")
            time.sleep(0.02)
        self.host = ready.read_text().strip()
        self.environment["HOST"] = self.host
        subprocess.run([sys.executable, ROOT / "demo" / "push_images.py", self.host, *IMAGES], check=True)
        self.prepared = self.folder / "prepared"
        for name, text in FILES.items():
            self.write(self.prepared, name, text)
        done = self.shell(self.prepared, "set -e\n" + PREPARATION)
        if done.returncode:
            sys.exit(f"the files that pages name could not be made:\n{done.stdout}")
        return self

    def __exit__(self, *_):
        self.registry.send_signal(signal.SIGTERM)
        self.registry.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, folder, name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rewritten(text, self.host))

    def shell(self, folder, command):
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", rewritten(command, self.host)], cwd=folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


class Page:
    def __init__(self, path, lab, commands, verbose):
        self.path, self.lab, self.commands, self.verbose = path, lab, commands, verbose
        self.text = path.read_text()
        self.faults, self.ran, self.parsed = [], 0, 0
        self.folder = lab.folder / "pages" / path.relative_to(ROOT).with_suffix("")
        shutil.copytree(lab.prepared, self.folder)

    def fault(self, line, text):
        self.faults.append(f"{self.path.relative_to(ROOT)}:{line}: {text}")

    def check(self):
        for line, mark, body in blocks(self.text):
            if mark == "console":
                self.run(line, body)
            elif mark == "yaml":
                self.take(line, body)
            elif mark == "sh" and body[0].startswith("#!"):
                name = body[1].removeprefix("# ")
                self.lab.write(self.folder, name, "\n".join(body) + "\n")
                (self.folder / name).chmod(0o755)
            if mark in ("sh", "yaml", "indented"):
                self.parse(line, body)
        self.parse_prose()
        self.measure_lines()
        self.follow_links()
        if self.path.stem == "troubleshooting":
            self.find_messages()

    def measure_lines(self):
        """Lines have 120 columns, but for tables and blocks."""
        inside = False
        for number, text in enumerate(self.text.split("\n"), 1):
            inside ^= text.lstrip().startswith("```")
            if len(text) > 120 and not inside and not text.startswith(("|", "    ")):
                self.fault(number, f"{len(text)} columns, more than 120")

    def follow_links(self):
        """Links within the project lead to files, and to headings that are there."""
        for number, text in enumerate(self.text.split("\n"), 1):
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+:", link):
                    continue
                name, _, anchor = link.partition("#")
                target = self.path.parent / name if name else self.path
                if not target.exists():
                    self.fault(number, f"leads nowhere: {link}")
                elif anchor and anchor not in headings(target.read_text()):
                    self.fault(number, f"no such heading: {link}")

    def run(self, line, body):
        for offset, command, expected in steps(body):
            self.ran += 1
            try:
                done = self.lab.shell(self.folder, command)
            except subprocess.TimeoutExpired:
                self.fault(line + 1 + offset, f"does not end: {command}")
                continue
            if self.verbose:
                print(f"$ {command}\n{done.stdout}[{done.returncode}]")
            status = 1 if any(text.startswith("kbld: Error:") for text in expected) else 0
            if done.returncode != status:
                self.fault(line + 1 + offset, f"status {done.returncode}: {command}\n{done.stdout}")
                continue
            # An output in two streams has no order across them.
            rest = done.stdout.split("\n")
            for text in expected:
                if text.strip() == "…":
                    continue
                wanted = pattern(rewritten(text, self.lab.host))
                match = next((i for i, got in enumerate(rest) if wanted.fullmatch(without_details(got))), None)
                if match is None:
                    self.fault(line + 1 + offset, f"prints no line like: {text}\n  it printed:\n{done.stdout}")
                    break
                rest = rest[match + 1:]

    def take(self, line, body):
        name = re.match(r"# ([\w./-]+\.(?:ya?ml|json|sh))$", body[0]) if body else None
        text = "\n".join(body) + "\n"
        if name:
            self.lab.write(self.folder, name[1], text)
        # A part of a list is no document by itself.
        self.lab.write(self.folder, ".block.yml", f"list:\n{text}" if text.startswith("- ") else text)
        done = self.lab.shell(self.folder, "kbld -f .block.yml --unresolved-inspect")
        if done.returncode:
            self.fault(line, f"no valid YAML: {done.stdout}")
        documents = re.split(r"^---$", text, flags=re.M)
        for document in documents:
            if re.search(r"^apiVersion: (kbld\.k14s\.io|imgpkg\.carvel\.dev)/", document, re.M) and "…" not in document \
                    and not re.search("^kind: (SignaturePolicy|Mirror)$", document, re.M):
                self.lab.write(self.folder, ".config.yml", document)
                self.ran += 1
                done = self.lab.shell(self.folder, "kbld -f .config.yml")
                if done.returncode or done.stdout.strip():
                    self.fault(line, f"not accepted:\n{document}{done.stdout}")

    def parse(self, line, body):
        joined, start = "", 0
        for offset, text in enumerate(body):
            start = start if joined else offset
            if text.endswith("\\"):
                joined += text[:-1].strip() + " "
                continue
            text, joined = (joined + text.strip() if joined else text), ""
            for call, words in calls(text):
                self.parsed += 1
                fault = self.commands.fault(words)
                if fault:
                    self.fault(line + 1 + start, f"{fault}: kbld {call}")

    def find_messages(self):
        """Messages in the first column of troubleshooting's tables are in the sources, part by part."""
        sources = "\n".join(file.read_text() for file in (ROOT / "Sources").rglob("*.swift"))
        for number, text in enumerate(self.text.split("\n"), 1):
            row = re.match(r"\| `([^`]+)` \|", text)
            for part in row[1].split("…") if row else []:
                part = part.strip(" ()")
                if part not in sources:
                    self.fault(number, f"no message has: {part}")

    def parse_prose(self):
        prose = re.sub(r"^( *)```.*?^ *```$", lambda match: "\n" * match[0].count("\n"), self.text, flags=re.S | re.M)
        for number, text in enumerate(prose.split("\n"), 1):
            for code in re.findall(r"`([^`]+)`", text):
                flag = re.match(r"--[a-z][a-z0-9-]+", code)
                if flag and flag[0] not in self.commands.flags | OTHERS:
                    self.fault(number, f"no flag {flag[0]}")
                if code.startswith("kbld ") and not re.match(r"kbld \d", code):
                    for call, words in calls(code):
                        self.parsed += 1
                        fault = self.commands.fault(words)
                        if fault:
                            self.fault(number, f"{fault}: kbld {call}")


def gaps(commands):
    """What the program has and the documentation doesn't: pages, commands, flags, fields of configs, variables."""
    texts = {file.name: file.read_text() for file in (ROOT / "docs").glob("*.md")}
    everything = (ROOT / "README.md").read_text() + "".join(texts.values())
    swift = {file: file.read_text() for file in (ROOT / "Sources").rglob("*.swift")}
    for name in sorted(texts):
        if name != "README.md" and f"({name})" not in texts["README.md"]:
            yield f"docs/README.md: does not lead to {name}"
    for flag in sorted(commands.shown_flags(commands.root)):
        if not re.search(rf"(?<![\w-]){flag}(?![\w-])", everything):
            yield f"docs: nothing about the flag {flag}"
    for command in commands.root["subcommands"]:
        names = [command["commandName"], *command.get("aliases", [])]
        if not any(f"kbld {name}" in everything for name in names):
            yield f"docs: nothing about the command {names[0]}"
    configs = texts["configuration.md"] + texts["building.md"]
    for file, text in swift.items():
        if file.parent.name == "KbldConfiguration":
            for field in re.findall(r"\.(?:string|strings|flag|list|map|maps|child)\(\"([\w.]+)\"", text):
                if field not in UNDOCUMENTED_FIELDS and not re.search(rf"\b{field}\b", configs):
                    yield f"docs/configuration.md: nothing about the field {field}"
        for name in re.findall(r"(?:variables|environment)\[\"([A-Z_]+)\"\]", text):
            if f"`{name}`" not in texts["environment.md"]:
                yield f"docs/environment.md: nothing about {name}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    binary = os.path.abspath(options.bin)
    commands = Commands(binary)
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    found = [] if options.only else list(gaps(commands))
    print("".join(fault + "\n" for fault in found), end="")
    faults = len(found)
    with Lab(binary) as lab:
        for path in pages:
            if options.only not in str(path.relative_to(ROOT)):
                continue
            page = Page(path, lab, commands, options.v)
            page.check()
            for fault in page.faults:
                print(fault)
            faults += len(page.faults)
            print(f"{path.relative_to(ROOT)}: {page.ran} run, {page.parsed} parsed, {len(page.faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
