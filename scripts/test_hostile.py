#!/usr/bin/env python3
"""Runs the suite against each behaviour of the hostile server: nothing hangs, leaks or breaks.

usage: test_hostile.py GRANTSPEC GRANTSPEC-HOSTILE [--sanitized] [--table] [BEHAVIOUR...]

Each behaviour is met in three runs: from the first request on; from the second on, so that cases
are judged; and for the second request alone, so that it shows whether others are blamed for it.
--sanitized: the builds have sanitizers; memory is not measured, and the third run left out.
--table: tell what came of each.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree

from lib.clients import MAIN, SCOPES, USER
from lib.programs import ARGUMENTS, GRANTSPEC, HOSTILE, environment, need
from lib.reports import report_options
from lib.server import Server
from lib.spellings import common_spellings

ONLY = [a for a in ARGUMENTS if not a.startswith("--")]
SANITIZED, TABLE = "--sanitized" in ARGUMENTS, "--table" in ARGUMENTS
PEAK_MIB_MAX = 64
# Until a run counts as hung: it takes seconds, but six of them share what the machine has left.
SECONDS_MAX = 300

# Cases with requests of their own, raw ones among them; and ones that inspect every response.
ASKED = (
    "grant_type.baseline:error_response.shape_*:error_response.injection_*:http_framing.http_1_0:"
    "http_framing.host_missing:http_framing.connection_close:http_framing.pipelined_two"
)
STANDING = (
    ":json.*:error_response.*charset*:error_response.no_*:error_response.error_uri_syntax:"
    "error_response.failed_login_is_401:success_response.scope_told_is_grammatical:"
    "headers_caching.*"
)

# The control request gets what a client can take for a token, whatever else is wrong with it.
TOKEN_ALL_THE_SAME = {
    "two_answers",
    "late_answer",
    "octets_behind_answer",
    "swapped_answers",
    "answer_before_request",
    "token_elsewhere",
    "set_cookie_flood",
    "tls_truncated_until_close",
}  # which libcurl does not tell from a whole one
# These may be borne without any harm.
BEARABLE = {
    "two_answers",
    "late_answer",
    "octets_behind_answer",
    "swapped_answers",
    "answer_before_request",
}
NEVER_LAWFUL_AGAIN = {"refused", "one_connection"}

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
COMMAND = re.compile(r"^\s*::|##(\[|vso\[|teamcity\[)", re.MULTILINE)


SPELLINGS = common_spellings(MAIN.secret, MAIN.id)


class Run:
    """One run of the suite against a server: everything that can be seen of it."""

    def __init__(self, name, mode, lawful, hostile, *arguments):
        self.name, self.mode, self.problems = name, mode, []
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            counts = ["--lawful", str(lawful), "--hostile", str(hostile)]
            command = [HOSTILE, "--behaviour", name, *counts, "--ca", folder / "ca.pem"]
            with Server(command) as server:
                try:
                    self.start(server, folder, arguments)
                finally:
                    bad = server.stop() != 0 or server.errors()
                    self.check(not bad, "the hostile server itself ended badly")
                recorded = [line for line in server.lines if line.startswith("recorded: ")]
            self.check(not recorded, "reached the second listener: %s" % recorded)
            self.inspect(folder)

    def check(self, good, text):
        if not good:
            self.problems.append("%s, %s: %s" % (self.name, self.mode, text))

    def start(self, server, folder, arguments):
        sanitizers = {"ASAN_OPTIONS": "exitcode=99", "UBSAN_OPTIONS": "exitcode=99"}
        clean = environment({**USER, "COLUMNS": "80", **sanitizers})
        command = [GRANTSPEC, server.url, "--user-env", "U", "--scope", SCOPES]
        command += ["--connect-timeout", "1", *report_options(folder, ("json", "junit"))[0]]
        command += arguments
        if server.url.startswith("https:"):
            command += ["--cacert", folder / "ca.pem"]
        begin = time.monotonic()
        with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
            process = subprocess.Popen(command, env=clean, stdout=out, stderr=err)
            guard = threading.Timer(SECONDS_MAX, process.kill)
            guard.start()
            _, status, usage = os.wait4(process.pid, 0)
            guard.cancel()
        process.returncode = self.code = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - begin
        self.peak = usage.ru_maxrss / 1024

    def inspect(self, folder):
        self.verdicts = collections.Counter()
        self.cases = []
        texts = {}
        for file in ("out", "err", "r.json", "r.junit"):
            data = (folder / file).read_bytes() if (folder / file).exists() else b""
            try:
                texts[file] = data.decode()
            except UnicodeDecodeError as error:
                self.check(False, "%s is not UTF-8: %s" % (file, error))
                texts[file] = data.decode(errors="replace")
        self.check(self.code >= 0, "ended by signal %d after %.1f s" % (-self.code, self.seconds))
        self.check(self.code != 70, "internal error: " + texts["err"][-300:])
        self.check(
            "Sanitizer" not in texts["err"] and "runtime error" not in texts["err"],
            texts["err"][:3000],
        )
        if not SANITIZED:
            self.check(self.peak <= PEAK_MIB_MAX, "took %.0f MiB" % self.peak)
        for file in ("out", "err"):
            found = CONTROL.search(texts[file])
            self.check(not found, "%s has the character %r" % (file, found and found.group()))
            found = COMMAND.search(texts[file])
            self.check(
                not found,
                "%s has a command: %r"
                % (file, found and texts[file][max(found.start() - 60, 0) : found.end() + 60]),
            )
        for file, text in texts.items():
            for spelling in SPELLINGS:
                at = text.find(spelling)
                self.check(
                    at < 0,
                    "%s has the secret as %s: %r"
                    % (file, spelling, text[max(at - 60, 0) : at + 40]),
                )
        try:
            report = json.loads(texts["r.json"])
            self.cases = report["cases"]
            self.check(report["exit_code"] == self.code, "the report tells another exit code")
            self.check(
                self.code != 3 or report.get("message") or report.get("message_bytes"),
                "no reason for exit code 3",
            )
        except ValueError as error:
            self.check(False, "the JSON report is none: %s" % error)
        try:
            junit = ElementTree.fromstring(texts["r.junit"])
            errors = len(junit.findall(".//error"))
            early = self.code in (3, 5) or "stopped" in report["run"]
            self.check(errors == (1 if early else 0), "JUnit has %d errors" % errors)
            self.check(
                len(junit.findall(".//testcase")) == len(self.cases) + errors,
                "JUnit has another number of cases",
            )
        except ElementTree.ParseError as error:
            self.check(False, "the JUnit report is no XML: %s" % error)
        for case in self.cases:
            self.verdicts[case["verdict"]] += 1
            if case["verdict"] in ("fail", "inconclusive", "warn"):
                self.check(case["why"] or case["actual"], case["id"] + " has no reason")


def meet(name):
    """The three runs, and what is wrong with them."""
    runs, problems = [], []
    first = Run(
        name,
        "from the first request",
        0,
        -1,
        "-m",
        "1",
        "--gtest_filter=grant_type.baseline:json.*:success_response.expires_*",
    )
    token = name in TOKEN_ALL_THE_SAME or name.startswith("text_")
    # A control response with a defect is judged: its finding may be in a case of another category.
    allowed = (0, 1, 5) if token else (1, 3, 5)
    if name.startswith(("text_", "expires_")):
        allowed = (0, 1, 3)
    first.check(first.code in allowed, "exit code %d" % first.code)
    if name.startswith("expires_") and first.code != 3:
        noticed = set(first.verdicts) - {"pass", "not_applicable"}
        first.check(noticed, "nothing was noticed")
    runs.append(first)

    if name == "refused":  # there is nobody who could be lawful first
        return name, runs, first.problems
    after = Run(
        name, "after the control request", 1, -1, "-m", "1", "--gtest_filter=" + ASKED + STANDING
    )
    after.check(
        after.code in ((0, 1, 3, 5) if name in BEARABLE else (1, 3, 5)), "exit code %d" % after.code
    )
    if name not in BEARABLE:
        after.check(
            after.verdicts["fail"] + after.verdicts["inconclusive"] >= 3,
            "hardly anything was noticed: %s" % dict(after.verdicts),
        )
    runs.append(after)

    if name not in NEVER_LAWFUL_AGAIN and not SANITIZED:
        once = Run(
            name,
            "for one request",
            1,
            1,
            "-m",
            "2",
            "--parallel-max",
            "1",
            "--gtest_filter=" + ASKED,
        )
        # A target that asks for years of patience is left alone.
        fine = ("pass", "inconclusive") if name.startswith("retry_after_") else ("pass",)
        bad = [c["id"] for c in once.cases if c["verdict"] not in fine]
        once.check(once.cases and len(bad) <= 1, "others are blamed: %s" % bad)
        once.check(once.code in (0, 1, 3, 5), "exit code %d" % once.code)
        runs.append(once)
    for run in runs:
        problems += run.problems
    return name, runs, problems


def main():
    listed = subprocess.run([HOSTILE, "--list"], capture_output=True, text=True, check=True).stdout
    names = ONLY or [line.split()[0] for line in listed.splitlines()]
    if len(names) < 45 and not ONLY:
        print("only %d behaviours" % len(names))
        return 1
    begin = time.monotonic()
    failed = 0
    if TABLE:
        print(
            "| behaviour | exit | fail | inconclusive | warn | pass | seconds | peak MiB |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- |"
        )
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for name, runs, problems in pool.map(meet, names):
            failed += 1 if problems else 0
            for problem in problems:
                print("FAILED " + problem)
            if TABLE:
                verdicts = runs[-1 if len(runs) < 2 else 1].verdicts
                print(
                    "| %s | %s | %d | %d | %d | %d | %s | %.0f |"
                    % (
                        name,
                        " ".join(str(r.code) for r in runs),
                        verdicts["fail"],
                        verdicts["inconclusive"],
                        verdicts["warn"],
                        verdicts["pass"],
                        " ".join("%.1f" % r.seconds for r in runs),
                        max(r.peak for r in runs),
                    )
                )
            sys.stdout.flush()
    print(
        "%d behaviours, %d with problems, %.0f s" % (len(names), failed, time.monotonic() - begin)
    )
    return 1 if failed else 0


if __name__ == "__main__":
    need("grantspec", "grantspec-hostile")
    sys.exit(main())
