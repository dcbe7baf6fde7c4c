#!/usr/bin/env python3
"""Writes man pages and completions of a kbld binary into a folder, from what the binary says of itself.

usage: manual.py --bin KBLD --output FOLDER [--date YYYY-MM-DD]
"""
import argparse
import json
import pathlib
import re
import subprocess


def run(binary, *arguments):
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def escaped(text):
    """Text as roff takes it: no dash is a hyphen, no line begins with a control character."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def names(argument):
    return ["--" + n["name"] if n["kind"] != "short" else "-" + n["name"] for n in argument.get("names", [])]


def shown(arguments):
    return [a for a in arguments if a.get("shouldDisplay", True)]


def options(arguments):
    """The entries of the flags: a flag and its negation are one."""
    lines = []
    negations = {n for a in arguments for n in names(a) if n.startswith("--no-")}
    for argument in shown(arguments):
        own = names(argument)
        if argument["kind"] == "positional" or own and all(n in negations for n in own):
            continue
        value = f" \\fI{escaped(argument['valueName'])}\\fR" if argument["kind"] == "option" else ""
        forms = sorted(own, key=lambda n: n.startswith("--"))
        forms += [f"--no-{n[2:]}" for n in own if f"--no-{n[2:]}" in negations]
        lines.append(".TP\n" + ", ".join(f"\\fB{escaped(n)}\\fR{value}" for n in forms))
        text = " ".join(filter(None, (argument.get("abstract"), argument.get("discussion"))))
        if argument.get("allValues"):
            text += f" Values: {', '.join(argument['allValues'])}."
        default = argument.get("defaultValue")
        if default and not default.startswith("--") and default != "false":
            text += f" Default: {default}."
        lines.append(escaped(text))
    return lines


def page(command, path, version, date, siblings):
    """One page. What a default subcommand takes is the command's own."""
    inner = {c["commandName"]: c for c in command.get("subcommands", [])}
    default = inner.get(command.get("defaultSubcommand"))
    arguments = (default or command).get("arguments", [])
    name = "-".join(path)
    positionals = [a for a in shown(arguments) if a["kind"] == "positional"]
    synopsis = [f"\\fB{' '.join(path)}\\fR [\\fIoptions\\fR]"]
    for argument in positionals:
        value = f"\\fI{escaped(argument['valueName'])}\\fR" + (" ..." if argument["isRepeating"] else "")
        synopsis[0] += f" [{value}]" if argument["isOptional"] else " " + value
    if inner:
        synopsis.append(f"\\fB{' '.join(path)}\\fR \\fIcommand\\fR [\\fIoptions\\fR]")
    lines = [
        f'.TH "{name.upper()}" "1" "{date}" "kbld {version}" "User Commands"',
        ".SH NAME", f"{escaped(name)} \\- {escaped(command['abstract'].rstrip('.'))}",
        ".SH SYNOPSIS", "\n.br\n".join(synopsis),
    ]
    discussion = command.get("discussion") or (default or {}).get("discussion") or ""
    text, _, examples = discussion.partition("Example")
    if text.strip():
        lines += [".SH DESCRIPTION", escaped(text.strip())]
    if positionals:
        lines.append(".SH ARGUMENTS")
        for argument in positionals:
            lines += [f".TP\n\\fI{escaped(argument['valueName'])}\\fR", escaped(argument.get("abstract", ""))]
    if inner:
        lines.append(".SH COMMANDS")
        for child in shown(command["subcommands"]):
            lines += [f".TP\n\\fB{escaped(child['commandName'])}\\fR", escaped(child.get("abstract", ""))]
    lines += [".SH OPTIONS", *options(arguments)]
    if examples:
        lines += [".SH EXAMPLES", ".nf", escaped("\n".join(l.strip() for l in examples.split("\n")[1:])), ".fi"]
    if command.get("aliases"):
        lines += [".SH ALIASES", ", ".join(f"\\fB{escaped(a)}\\fR" for a in command["aliases"])]
    if siblings:
        lines += [".SH SEE ALSO", ", ".join(f"\\fB{escaped(s)}\\fR(1)" for s in sorted(siblings - {name}))]
    return name, "\n".join(lines) + "\n"


def commands(command, path=()):
    path = (*path, command["commandName"])
    yield command, path
    for child in command.get("subcommands", []):
        if child.get("shouldDisplay", True) and child["commandName"] != "help":
            yield from commands(child, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--date", default="")
    args = parser.parse_args()
    tree = json.loads(run(args.bin, "--experimental-dump-help"))["command"]
    version = own_version(args.bin)
    every = [(c, p) for c, p in commands(tree)]
    siblings = {"-".join(p) for _, p in every}
    folder = args.output / "man/man1"
    folder.mkdir(parents=True, exist_ok=True)
    for command, path in every:
        name, text = page(command, path, version, args.date, siblings)
        (folder / f"{name}.1").write_text(text)
    places = {"bash": "bash-completion/completions/kbld", "zsh": "zsh/site-functions/_kbld",
              "fish": "fish/vendor_completions.d/kbld.fish"}
    for shell, place in places.items():
        target = args.output / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(run(args.bin, "completion", shell))


def own_version(binary):
    """The version of this program, without that of the original and the commit."""
    said = subprocess.run([binary, "version"], check=True, capture_output=True, text=True).stderr
    return re.search(r"kbld for Swift ([\w.+-]+)", said)[1]


if __name__ == "__main__":
    main()
