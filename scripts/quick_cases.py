#!/usr/bin/env python3
"""Chooses the cases of --quick: few requests that show most defects, the most severe first.

usage: quick_cases.py GRANTSPEC --matrix MATRIX.json [--report REPORT.json]... [--check]
                      [--requests N]

MATRIX is what `grantspec-prove --matrix=FILE` writes: each deviation of the reference endpoint with
the cases that it turns red. Each failing cause of a report counts as a defect, too: it weighs as
much as RANK says (real servers have it), a deviation by the level of its clause. The choice is a
greedy set cover by weight for a request. Only cases that apply to a target with a single client are
chosen; cases about all responses cost nothing and are always part of --quick.

Writes conformance/quick.json. --check writes nothing: it leaves out a tenth of the deviations at a
time, and each report in turn, and prints how many of the defects left out the choice finds: of all
that a target with a single client can show, and at how many targets with failures it finds one.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDS = 10
SEVERE = ("token_issued", "disclosed", "over_granted", "server_error", "refused")
RANK = {kind: 25 for kind in SEVERE[:3]} | {kind: 15 for kind in SEVERE[3:]}
LEVELS = {"MUST": 3, "MUST NOT": 3, "PROFILE": 2}
MORE = 2  # of each defect, further cases that show it count a quarter


class Defect(NamedTuple):
    name: str
    weight: float
    cases: frozenset[str]


def costs_of(grantspec: str) -> dict[str, int]:
    """How many requests each case sends to a target with one client."""
    plan = subprocess.run(
        [grantspec, "http://127.0.0.1:9/token", "--user-env", "U", "--scope", "a", "--plan"],
        env={**os.environ, "U": "client:client-secret"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    costs: dict[str, int] = {}
    for name, times in re.findall(r"(?m)^([a-z0-9_.]+)(?: x(\d+))?  ", plan):
        costs[name] = costs.get(name, 0) + int(times or 1)
    return costs


def standing_cases() -> set[str]:
    names = set()
    for path in sorted((ROOT / "conformance/cases").glob("*.json")):
        for one in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            if "standing" in one:
                names.add(f"{path.stem}.{one['id']}")
    return names


def deviations_of(path: str) -> list[Defect]:
    clauses = json.loads((ROOT / "conformance/clauses.json").read_text(encoding="utf-8"))
    levels = {one["id"]: one["level"] for one in clauses["clauses"]}
    faults = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["faults"]
    return [
        Defect(name, LEVELS.get(levels.get(one["clause"], ""), 1), frozenset(one["proves"]))
        for name, one in faults.items()
    ]


def causes_of(path: str) -> list[Defect]:
    report = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return [
        Defect(f"{path} {one['id']}", RANK.get(one["kind"], 10), frozenset(one["explains"]))
        for one in report.get("causes", [])
        if one["severity"] == "fail"
    ]


def choose(
    defects: list[Defect], costs: dict[str, int], free: set[str], requests: int
) -> list[str]:
    """The cases in the order in which they are worth most for a request."""
    seen = {one.name: len(one.cases & free) for one in defects}
    showing: dict[str, list[Defect]] = {}
    for one in defects:
        for name in one.cases & costs.keys():
            showing.setdefault(name, []).append(one)
    chosen: list[str] = []
    left = requests

    def worth(name: str) -> float:
        gain = 0.0
        for one in showing[name]:
            times = seen[one.name]
            gain += one.weight * (1 if times == 0 else 0.25**times if times <= MORE else 0)
        return gain / costs[name]

    while True:
        fitting = sorted(n for n in showing if n not in chosen and costs[n] <= left)
        best = max(fitting, key=worth, default=None)
        if best is None or worth(best) <= 0:
            return chosen
        chosen.append(best)
        left -= costs[best]
        for one in showing[best]:
            seen[one.name] += 1


def hits(defects: list[Defect], cases: set[str]) -> int:
    return sum(1 for one in defects if one.cases & cases)


def check(deviations, reports, costs, free, requests) -> None:
    everything = [one for report in reports for one in report]
    judged = [one for one in deviations if one.cases]
    total = 0
    for fold in range(FOLDS):
        left_out = judged[fold::FOLDS]
        known = [one for one in judged if one not in left_out]
        choice = set(choose(known + everything, costs, free, requests))
        total += hits(left_out, choice | free)
    print(f"deviations left out: {total} of {len(judged)} found, {total / len(judged):.1%}")
    if not everything:
        return
    causes, severe, targets = [], [], 0
    for report in reports:
        known = [one for other in reports if other is not report for one in other]
        choice = set(choose(judged + known, costs, free, requests)) | free
        shown = [one for one in report if one.cases & (costs.keys() | free)]
        causes += [bool(one.cases & choice) for one in shown]
        severe += [bool(one.cases & choice) for one in shown if one.weight > 10]
        targets += any(one.cases & choice for one in shown)
    for what, found_ones in (("causes", causes), ("severe causes", severe)):
        rate = sum(found_ones) / max(1, len(found_ones))
        print(f"{what} of reports left out: {sum(found_ones)} of {len(found_ones)}, {rate:.1%}")
    print(f"targets left out that have failures: {targets} of {len(reports)} fail")


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("grantspec")
    parser.add_argument("--matrix", required=True)
    parser.add_argument("--report", action="append", default=[])
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    costs, free = costs_of(arguments.grantspec), standing_cases()
    deviations = deviations_of(arguments.matrix)
    reports = [causes_of(path) for path in arguments.report]
    if arguments.check:
        check(deviations, reports, costs, free, arguments.requests)
        return
    defects = deviations + [one for report in reports for one in report]
    chosen = choose(defects, costs, free, arguments.requests)
    path = ROOT / "conformance/quick.json"
    lines = ",\n".join(f"    {json.dumps(name)}" for name in chosen)
    path.write_text(f'{{\n  "cases": [\n{lines}\n  ]\n}}\n', encoding="utf-8")
    print(f"{path}: {len(chosen)} cases, {sum(costs[name] for name in chosen)} requests")


if __name__ == "__main__":
    main()
