#!/usr/bin/env python3
"""Random documents go through kbld, and PyYAML reads what it prints: the values must be the same.

usage: yaml_round_trip.py PROGRAM SEED DOCUMENTS

The documents are written by PyYAML and json in all their styles; PyYAML's reader, which is its own and in Python, reads
what goes in and what comes out. What YAML 1.1 leaves to readers is told to it here: numbers with an exponent need no point, and a
lone `=` or `<<` as a value is text.
"""
import json
import random
import re
import subprocess
import sys

import yaml


class Reader(yaml.SafeLoader):
    pass


Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Reader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$"),
    list("-+.0123456789"),
)
for kind in ("value", "merge"):
    Reader.add_constructor("tag:yaml.org,2002:" + kind, yaml.SafeLoader.construct_yaml_str)


class Writer(yaml.SafeDumper):
    """Quotes all text but words that are text to everyone."""

    def ignore_aliases(self, data):
        return True


def write_text(dumper, text):
    plain = re.fullmatch(r"[a-z]{3,}( [a-z]{3,})*", text) and text not in ("yes", "off", "true", "false", "null")
    style = None if plain else dumper.choice.choice("'\"\"|>")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Writer.add_representer(str, write_text)

PIECES = [
    "a", "b c", " ", "  ", "\n", "\n\n", ":", ": ", "#", " #", "-", "- ", "---", "...", "'", '"', "\\", "\t", "\r", "\0",
    "\x1b", "\x7f", "\x85", "\xa0", "é", "e\u0301", "日本語", "\u2028", "\u2029", "\ufeff", "\ufffd", "\U0001f680",
    "0", "1", "9", ".", "_", "+", "e3", "0x1", "0o7", "0b1", "089", "1:30", "12:30:45", "2024-01-02", "T03:04:05Z", "y",
    "N", "yes", "no", "on", "Off", "true", "False", "null", "~", "<<", "=", "{", "}", "[", "]", ",", "&", "*", "!", "|",
    ">", "%", "@", "`", "?", "? ", ".inf", ".nan", "word", "some longer words that fold ", "x" * 90, "k8s.io/v1",
]


def text(choice):
    return "".join(choice.choice(PIECES) for _ in range(choice.choice([0, 1, 1, 1, 2, 2, 3, 5, 8, 20])))


def value(choice, depth):
    kind = choice.randrange(10 if depth < 5 else 7)
    if kind == 0:
        return choice.choice([None, True, False])
    if kind == 1:
        return choice.choice([0, -1, choice.randrange(-1000, 1000), choice.randrange(-(2**66), 2**66)])
    if kind == 2:
        return choice.choice([0.1, 1e21, -1.5e-7, 1e15, choice.random(), choice.uniform(-1e9, 1e9)]) * choice.choice([1, 1e5])
    if kind < 7:
        return text(choice)
    if kind == 7:
        return [value(choice, depth + 1) for _ in range(choice.randrange(4))]
    return {text(choice): value(choice, depth + 1) for _ in range(choice.randrange(5))}


def document(choice, number):
    fields = {text(choice): value(choice, 0) for _ in range(choice.randrange(1, 6))}
    fields.update(number=number)
    return fields


def written(choice, fields):
    """A document's text, and what a reader makes of that: PyYAML's writer isn't without faults."""
    if choice.random() < 0.3:
        # Among other YAML it isn't read as JSON: no escapes of pairs, no DEL as it is.
        text = json.dumps(fields, ensure_ascii=False, indent=choice.choice([None, 2]))
        return text.replace("\x7f", "\\u007f") + "\n", fields
    Writer.choice = choice
    # PyYAML ends lines at these, as YAML 1.1 had it; since 1.2 they are text, so they go in as escapes.
    has_separators = any(mark in json.dumps(fields) for mark in ("\\u0085", "\\u2028", "\\u2029"))
    text = yaml.dump(
        fields,
        Dumper=Writer,
        allow_unicode=not has_separators and choice.random() < 0.5,
        width=choice.choice([20, 80, 1000]),
        indent=choice.choice([2, 4]),
        default_flow_style=choice.choice([None, True, False]),
        sort_keys=False,
    )
    return text, yaml.load(text, Loader=Reader)


def difference(left, right, path="$"):
    """Where two values differ; None where they don't. True isn't 1, but 1 is 1.0."""
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return f"{path}: keys {list(left)} and {list(right)}"
        return next(filter(None, (difference(left[key], right[key], f"{path}[{key!r}]") for key in left)), None)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right))
        return next(filter(None, (difference(*pair, f"{path}[{index}]") for index, pair in pairs)), None)
    numbers = [isinstance(side, (int, float)) and not isinstance(side, bool) for side in (left, right)]
    alike = left == right and (all(numbers) or type(left) is type(right))
    return None if alike else f"{path}: {left!r} and {right!r}"


def run(program, stream):
    result = subprocess.run([program, "-f", "-"], input=stream, capture_output=True)
    if result.returncode != 0:
        sys.exit("refused: " + result.stderr.decode() + "\n" + stream.decode(errors="replace"))
    return result.stdout


def main(program, seed, count):
    choice = random.Random(seed)
    done = 0
    while done < count:
        batch = [document(choice, done + number) for number in range(min(100, count - done))]
        if choice.random() < 0.2:
            texts = [(json.dumps(fields, ensure_ascii=choice.random() < 0.5) + "\n", fields) for fields in batch]
        else:
            texts = [written(choice, fields) for fields in batch]
        stream = "---\n".join(text for text, _ in texts).encode(choice.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
        output = run(program, stream)
        read = list(yaml.load_all(output.decode(), Loader=Reader))
        if len(read) != len(batch):
            sys.exit(f"{len(batch)} documents went in, {len(read)} came out")
        for (text, before), after in zip(texts, read):
            found = difference(before, after)
            if found:
                sys.exit(f"document {before['number']} of seed {seed} differs at {found}\n{text}")
        if run(program, output) != output:
            sys.exit("what kbld prints it prints otherwise when it reads it")
        done += len(batch)
    print(f"{done} documents are the same")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
