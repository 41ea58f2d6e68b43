#!/usr/bin/env python3
"""Runs parts of the benchmark and writes RESULTS.md; a part that is not run keeps what it had
there.

usage: run.py [PART...] [--rounds N] [--output FILE]

Only ratios within one run mean anything: the machine is whatever it is.
"""
import argparse
import importlib
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

from measure import HERE, Skipped

PARTS = {
    "limit": "Beside what is possible",
    "peers": "Beside what people use otherwise",
    "rate": "Whether --rate is kept",
    "endpoint": "What a response of the embedded endpoint costs",
    "grammar": "The parsers",
    "fuzz": "The fuzz harnesses",
}
ROUNDS = 5
HEAD = """# Results of scripts/bench

Written by `scripts/bench`; a part is written anew when it is run. All that is compared ran side by
side, in turns, on one machine; numbers are medians of the rounds, "spread" is the smallest and the
largest of them against the median. Only ratios mean something elsewhere. No test asserts any of
this.
"""


def first_line(*command):
    try:
        return (
            subprocess.run(command, capture_output=True, text=True, check=True)
            .stdout.splitlines()[0]
            .strip()
        )
    except (OSError, IndexError, subprocess.CalledProcessError):
        return ""


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return (
        f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} processors, Linux"
        f" {platform.release()}; {first_line('c++', '--version')};"
        f" {first_line('curl', '--version').split(' (')[0]};"
        f" {first_line('openssl', 'version').split(' (')[0]}"
    )


def section(part, rounds):
    """Measures one part: its text for the file, and how many goals it missed."""
    command = f"scripts/bench {part}" + (f" --rounds {rounds}" if rounds != ROUNDS else "")
    lines = [f"## {part}: {PARTS[part]}", ""]
    load, begin = os.getloadavg()[0], time.monotonic()
    try:
        goals, notes = importlib.import_module(part).measure(rounds)
    except Skipped as reason:
        return "\n".join(lines + [f"`{command}` was skipped: {reason}.", ""]), None
    took = time.monotonic() - begin
    real_time = os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR)
    priority = ", run by chrt ahead of everything else on it" if real_time else ""
    lines += [
        (
            f"`{command}`, {rounds} rounds, {took:.0f} s, load of the machine before it"
            f" {load:.1f}{priority}. {machine()}."
        ),
        "",
        "| | goal | measured | spread | |",
        "|---|---|---|---|---|",
    ]
    for goal in goals:
        verdict = {True: "met", False: "**missed**", None: ""}[goal.met]
        lines.append(f"| {goal.what} | {goal.goal} | {goal.measured} | {goal.spread} | {verdict} |")
    lines += [""] + notes + ([""] if notes else [])
    return "\n".join(lines), sum(goal.met is False for goal in goals)


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        usage="scripts/bench [PART...] [--rounds N] [--yes]",
        description="Parts: " + ", ".join(PARTS),
    )
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds takes a number above 0")
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"no part is called {part}; parts: {', '.join(PARTS)}")

    sections = {}
    if options.output.exists():
        for text in options.output.read_text().split("\n## ")[1:]:
            sections[text.split(":")[0]] = "## " + text.rstrip() + "\n"
    for part in options.parts or PARTS:
        print(f"scripts/bench: {part} ...", file=sys.stderr, flush=True)
        text, _ = section(part, options.rounds)
        sections[part] = text.rstrip() + "\n"
        print(text, flush=True)
        body = "\n".join(sections[name] for name in PARTS if name in sections)
        options.output.write_text(HEAD + "\n" + body)


if __name__ == "__main__":
    main()
