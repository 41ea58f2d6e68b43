#!/usr/bin/env python3
"""Writes case files in their canonical layout: a member a line, short values inline."""
import json
import pathlib
import sys

WIDTH = 96


def flat(value) -> str:
    return json.dumps(value, ensure_ascii=True)


def layout(value, indent: int) -> str:
    text = flat(value)
    named = isinstance(value, dict) and indent <= 8 and "name" in value
    if len(text) + indent <= WIDTH and not named:
        return text
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        body = [f"{inner}{flat(k)}: {layout(v, indent + 2)}" for k, v in value.items()]
        return "{\n" + ",\n".join(body) + "\n" + " " * indent + "}"
    if isinstance(value, list):
        body = [inner + layout(v, indent + 2) for v in value]
        return "[\n" + ",\n".join(body) + "\n" + " " * indent + "]"
    return text


def formatted(data) -> str:
    cases = []
    for case in data["cases"]:
        members = [f"      {flat(k)}: {layout(v, 6)}" for k, v in case.items()]
        cases.append("    {\n" + ",\n".join(members) + "\n    }")
    head = "".join(f"  {flat(k)}: {layout(v, 2)},\n" for k, v in data.items() if k != "cases")
    return "{\n" + head + '  "cases": [\n' + ",\n".join(cases) + "\n  ]\n}\n"


def main() -> int:
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        path.write_text(formatted(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
