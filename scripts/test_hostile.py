#!/usr/bin/env python3
"""Runs the suite against each behaviour of the hostile server: nothing hangs, leaks or breaks.

usage: test_hostile.py GRANTSPEC GRANTSPEC-HOSTILE [--sanitized] [--table] [BEHAVIOUR...]

Each behaviour is met in three runs: from the first request on; from the second on, so that cases
are judged; and for the second request alone, so that it shows whether others are blamed for it.
--sanitized: the builds have sanitizers; memory is not measured, and the third run left out.
--table: tell what came of each.
"""
import base64
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

FLAGS = [a for a in sys.argv[1:] if a.startswith("--")]
GRANTSPEC, HOSTILE, *ONLY = [a for a in sys.argv[1:] if not a.startswith("--")]
SANITIZED, TABLE = "--sanitized" in FLAGS, "--table" in FLAGS
LOGIN, SECRET = "s6BhdRkqt3:gX1fBat3bV", "gX1fBat3bV"
SCOPES = (
    "billing:batches:read billing:customers:read billing:batches:submit billing:customers:invite"
)
PEAK_MIB_MAX = 64
SECONDS_MAX = (
    60 if SANITIZED else 30
)  # of one run; far more than its own limits of 1 s a request add up to

# Cases with requests of their own, raw ones among them; and ones that look at every answer.
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


def spellings(secret):
    out = {secret, secret.encode().hex(), secret.encode().hex().upper()}
    percent = "".join("%%%02x" % octet for octet in secret.encode())
    out |= {percent, percent.upper(), urllib.parse.quote(secret, safe="")}
    for prefix in ("", "a", "ab", LOGIN.split(":")[0] + ":"):
        whole = base64.b64encode((prefix + secret).encode()).decode().rstrip("=")
        out.add(whole[-(-len(prefix) * 8 // 6) : -1])
    return out


SPELLINGS = spellings(SECRET)


class Server:
    """The hostile server with one behaviour; what it recorded is there once it has ended."""

    def __init__(self, behaviour, folder, lawful, hostile):
        self.ca = str(folder / "ca.pem")
        self.process = subprocess.Popen(
            [
                HOSTILE,
                "--behaviour",
                behaviour,
                "--lawful",
                str(lawful),
                "--hostile",
                str(hostile),
                "--ca",
                self.ca,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().rsplit(" ", 1)[-1].strip()
        self.recorded = []

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=30)
        self.recorded = re.findall("^recorded: .*", out, re.MULTILINE)
        return err if err or self.process.returncode else ""


class Run:
    """One run of the suite against a server: everything that can be seen of it."""

    def __init__(self, name, mode, lawful, hostile, *arguments):
        self.name, self.mode, self.problems = name, mode, []
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            server = Server(name, folder, lawful, hostile)
            try:
                self.start(server, folder, arguments)
            finally:
                self.check(server.end() == "", "the hostile server itself ended badly")
            self.check(not server.recorded, "reached the second listener: %s" % server.recorded)
            self.look(folder)

    def check(self, good, text):
        if not good:
            self.problems.append("%s, %s: %s" % (self.name, self.mode, text))

    def start(self, server, folder, arguments):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GRANTSPEC_")}
        clean.update(U=LOGIN, COLUMNS="80", ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99")
        command = [
            GRANTSPEC,
            server.url,
            "--user-env",
            "U",
            "--scope",
            SCOPES,
            "--connect-timeout",
            "1",
            "--report-json",
            str(folder / "r.json"),
            "--report-junit",
            str(folder / "r.xml"),
            *arguments,
        ]
        if server.url.startswith("https:"):
            command += ["--cacert", server.ca]
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

    def look(self, folder):
        self.verdicts = collections.Counter()
        self.cases = []
        texts = {}
        for file in ("out", "err", "r.json", "r.xml"):
            octets = (folder / file).read_bytes() if (folder / file).exists() else b""
            try:
                texts[file] = octets.decode()
            except UnicodeDecodeError as error:
                self.check(False, "%s is not UTF-8: %s" % (file, error))
                texts[file] = octets.decode(errors="replace")
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
            junit = ElementTree.fromstring(texts["r.xml"])
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
    sys.exit(main())
