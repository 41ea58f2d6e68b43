#!/usr/bin/env python3
"""Checks the case files against their schema, and their prose and ids against the project's rules.

Looks for ids given twice, clauses that nobody knows, catalogue ids cited twice, and layout other
than the canonical one (scripts/format_cases.py). Prints file and case; exits 1 where it finds one.
"""
import json
import pathlib
import sys

import format_cases
from lib import ROOT
from lib.reports import read


def main() -> int:
    import jsonschema

    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    schema = read(root / "conformance/case_file.schema.json")
    validator = jsonschema.Draft7Validator(schema)
    clauses = {c["id"] for c in read(root / "conformance/clauses.json")["clauses"]}
    problems, names, cases = [], set(), 0
    files = sorted((root / "conformance/cases").glob("*.json"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        data = json.loads(text)
        for error in validator.iter_errors(data):
            where = "/".join(str(p) for p in error.absolute_path)
            problems.append(f"{file.name}: {where}: {error.message[:200]}")
        if format_cases.formatted(data) != text:
            problems.append(f"{file.name}: layout: run scripts/format_cases.py")
        for case in data["cases"]:
            cases += 1
            name = f"{file.stem}.{case['id']}"
            if name in names:
                problems.append(f"{name}: the id is there twice")
            names.add(name)
            for clause in case["clauses"]:
                if clause not in clauses:
                    problems.append(f"{name}: no clause {clause}")
    if not cases:
        problems.append("no case was found")
    print("\n".join(problems) if problems else f"cases: {cases} in {len(files)} files, all well")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
