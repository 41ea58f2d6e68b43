#!/usr/bin/env python3
"""What a gate is built from: fixed names of reports, a profile that is found, an early end, badge,
history and statement.

usage: test_gate.py GRANTSPEC GRANTSPEC-ENDPOINT
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from lib.clients import MAIN, READ, TARGET_OPTIONS, USER
from lib.programs import GRANTSPEC, environment, run
from lib.reports import named, verdicts
from lib.target import Target, json_response, token_response
from lib.testing import ProgramTest, main

REPORTS = {"report.json", "junit.xml", "report.sarif", "report.html", "report.md"}
SERVER_ERROR = {"error": "server_error"}


class Gate(ProgramTest):
    def run_in(self, *arguments, env=None):
        """A run in a directory of its own."""
        return run(*arguments, cwd=self.path, env={**USER, **(env or {})})

    def deviating(self, *names):
        """The URL of the reference endpoint with deviations."""
        return self.endpoint(*(word for name in names for word in ("--deviate", name))).url

    def test_a_directory_receives_all_reports(self):
        done = self.run_in("--category", "grant_type", "--output-dir", "out/of/ci")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        folder = self.path / "out/of/ci"
        self.assertEqual({one.name for one in folder.iterdir()}, REPORTS)
        self.assertEqual(self.read(folder / "report.json")["exit_code"], 0)
        # A path of its own counts more.
        done = self.run_in(
            "--category", "grant_type", "--output-dir", "two", "--report-json", "own.json"
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        names = {one.name for one in (self.path / "two").iterdir()}
        self.assertEqual(names, REPORTS - {"report.json"})
        self.assertTrue((self.path / "own.json").exists())

    def test_a_directory_that_cannot_be_made_is_an_error_before_the_run(self):
        self.write("file", "")
        done = self.run_in("--output-dir", "file/below")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--output-dir file/below", done.stderr)
        self.assertEqual(done.stdout, "")
        done = self.run_in("--plan", "--output-dir", "none")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse((self.path / "none").exists())

    def test_a_profile_is_found_and_announced(self):
        url = self.deviating()
        profile = {
            "url": url,
            "base": "pyng",
            "client": {"id": MAIN.id, "secret_env": "SECRET"},
            "granted_scopes": [READ],
        }
        self.write("grantspec.json", profile)
        env = {"SECRET": MAIN.secret}
        done = self.run_in("--category", "grant_type", "--report-json", "r.json", env=env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("./grantspec.json", done.stderr)
        self.assertEqual(self.read("r.json")["target"]["url"], url)
        # The one that is named counts; a command that needs no target reads none.
        self.write("other.json", {**profile, "base": "rfc6749"})
        done = self.run_in("--profile", "other.json", "--category", "grant_type", env=env)
        self.assertNotIn("./grantspec.json", done.stderr)
        self.assertIn("profile rfc6749", done.stdout)
        self.assertEqual(self.run_in("--list").stderr, "")

    def test_the_first_failure_ends_a_run(self):
        url = self.deviating("scope_case_insensitive")
        common = (url, *TARGET_OPTIONS, "--base", "pyng")
        whole = self.run_in(*common, "--report-json", "whole.json")
        self.assertEqual(whole.returncode, 1, whole.stdout)
        failed = named(self.read("whole.json"), "fail")
        done = self.run_in(*common, "--fail-fast", "--report-json", "r.json")
        self.assertEqual(done.returncode, 1, done.stdout)
        report = self.read("r.json")
        self.assertLess(
            report["summary"]["requests"],
            self.read("whole.json")["summary"]["requests"],
        )
        now = named(report, "fail")
        self.assertTrue(now and set(now) <= set(failed), now)
        sentence = r"^--fail-fast: \S+ failed; \d+ of \d+ cases were judged$"
        self.assertRegex(report["message"], sentence)
        self.assertIn(report["message"], done.stdout)
        unsent = [one["why"] for one in report["cases"] if one["verdict"] == "inconclusive"]
        self.assertGreater(len(unsent), 100)
        self.assertTrue(all("--fail-fast: " in why for why in unsent), set(unsent))
        # What is waived ends nothing.
        self.run_in(*common, "--waivers", "w.json", "--update-waivers")
        done = self.run_in(*common, "--fail-fast", "--waivers", "w.json")
        self.assertNotIn("--fail-fast", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)
        done = self.run_in(*common, "--fail-fast", "--fail-on", "never")
        self.assertEqual(done.returncode, 2)

    def test_a_defect_of_all_responses_ends_a_run_too(self):
        url = self.deviating("no_store_missing_on_tokens")
        common = (*TARGET_OPTIONS, "--base", "pyng")
        done = self.run_in(url, *common, "--fail-fast")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("--fail-fast: headers_caching.", done.stdout)

    def test_a_badge_says_how_a_run_ended(self):
        def badge(*arguments):
            self.run_in(*arguments, "--badge", "badge.json")
            return self.read("badge.json")

        good = badge("--category", "grant_type")
        self.assertEqual(good["schemaVersion"], 1)
        self.assertEqual((good["message"], good["color"]), ("no failure", "brightgreen"))
        url = self.deviating("scope_case_insensitive")
        bad = badge(url, *TARGET_OPTIONS, "--base", "pyng")
        self.assertRegex(bad["message"], r"^\d+ failures$")
        self.assertEqual(bad["color"], "red")
        lost = badge("http://127.0.0.1:9/token", "--user-env", "U", "--scope", "a")
        self.assertEqual((lost["message"], lost["color"]), ("not judged", "lightgrey"))

    def test_a_quick_run_sends_little_and_finds_a_defect(self):
        common = (*TARGET_OPTIONS, "--quick")
        done = self.run_in(self.deviating(), *common, "--report-json", "r.json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # Control requests and successes between failed logins come on top.
        requests = self.read("r.json")["summary"]["requests"]
        self.assertLess(requests, 140)
        done = self.run_in(self.deviating("secret_never_checked"), *common)
        self.assertEqual(done.returncode, 1, done.stdout)
        done = self.run_in(self.deviating("no_store_missing_on_tokens"), *common)
        self.assertEqual(done.returncode, 1, done.stdout)

    def test_the_smallest_request_of_a_cause_is_found(self):
        url = self.deviating("form_repeat_crash")
        common = (url, *TARGET_OPTIONS, "--category")
        done = self.run_in(*common, "form_encoding", "--output-dir", "out")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        folder = self.path / "out"
        report = self.read(folder / "report.json")
        (cause,) = [one for one in report["causes"] if one["kind"] == "server_error"]
        smallest = cause["smallest"]
        # The parameters of the control request have nothing to do with it.
        sent = smallest["exchange"]["request"]["octets"]
        self.assertTrue(sent.endswith("\r\n\r\nx=1&x=2"), sent)
        self.assertIn(" 500 ", smallest["exchange"]["response"]["status_line"])
        self.assertEqual(smallest["case"], cause["explains"][0])
        self.assertTrue(cause["exchange"]["request"]["octets"].endswith("&x=1&x=2"))
        self.assertIn("shortened  without the parameters of the control request", done.stdout)
        self.assertIn("      > x=1&x=2\n", done.stdout)
        for name in ("report.md", "report.html"):
            self.assertIn("without the parameters of the control request", self.text(name))
        # The command sends the same request.
        command = smallest["reproduce"].replace('"$CLIENT_ID:$CLIENT_SECRET"', USER["U"])
        again = run("-c", command, program="sh")
        self.assertIn(" 500 ", again.stdout, command + again.stderr)

        done = self.run_in(*common, "form_encoding", "--output-dir", "out", "--no-shrink")
        unshortened = self.read(folder / "report.json")
        self.assertFalse([one for one in unshortened["causes"] if "smallest" in one])
        self.assertNotIn("shortened", done.stdout)
        more = report["summary"]["requests"] - unshortened["summary"]["requests"]
        self.assertTrue(0 < more <= 2 * 12, more)

    def test_no_request_is_shortened_for_what_is_waived_or_after_a_limit(self):
        url = self.deviating("form_repeat_crash")
        common = (url, *TARGET_OPTIONS, "--category")
        waivers = ("--waivers", "w.json")
        done = self.run_in(*common, "form_encoding", *waivers, "--update-waivers", "--no-shrink")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        requests = []
        for more in ((), ("--no-shrink",)):
            done = self.run_in(*common, "form_encoding", *waivers, *more, "--report-json", "r.json")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            requests.append(json.loads(self.text("r.json", "."))["summary"]["requests"])
        self.assertEqual(*requests)
        # The limit applies to these requests, too, and the verdicts are complete.
        limit = str(requests[0] + 1)
        done = self.run_in(
            *common, "form_encoding", "--max-requests", limit, "--report-json", "r.json"
        )
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        report = json.loads(self.text("r.json", "."))
        self.assertLessEqual(report["summary"]["requests"], int(limit))
        self.assertFalse([one for one in report["causes"] if "smallest" in one])

    def test_a_cause_has_the_lines_of_the_servers_log(self):
        log = self.path / "server.log"
        log.write_text("started\n")

        def respond(request):
            """Grants the control request; an unknown grant type is a server error."""
            body, headers = request.body.decode("latin-1"), request.headers
            granted = "grant_type=client_credentials" in body
            token = "t0ken" + os.urandom(8).hex()
            with log.open("a") as out:
                name = headers.get("X-Request-Id", "-")
                out.write(f"{name} {headers.get('Authorization')} {body} {token}\n")
                if not granted:
                    out.write("Traceback (most recent call last):\n  in grant, gX1fBat3bV\n")
                    out.write("KeyError: 'grant'\nGET /other\n")
            return token_response(token) if granted else json_response(SERVER_ERROR, 500)

        url = self.kept(Target(respond)).url
        common = (url, "--user-env", "U", "--scope", "read", "--category", "grant_type")
        more = ("--server-log", "server.log", "--output-dir", "out")
        done = self.run_in(*common, *more, "-v")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        report = json.loads(self.text("report.json"))
        (cause,) = [one for one in report["causes"] if one["kind"] == "server_error"]
        lines = cause["server_log"]
        self.assertRegex(lines[0], r"^\w+\." + re.escape(cause["explains"][0]) + r"\.1 ")
        self.assertIn("KeyError: 'grant'", lines)
        self.assertNotIn("GET /other", lines)
        self.assertIn("      | KeyError: 'grant'\n", done.stdout)
        self.assertRegex(self.text("report.html"), "Server log<.*KeyError:")
        secret = base64.b64encode(USER["U"].encode()).decode()
        for text in (done.stdout, *(self.text(name) for name in REPORTS)):
            self.assertNotIn(MAIN.secret, text)
            self.assertNotIn(secret, text)
        done = self.run_in(*common, *more)
        self.assertRegex(done.stdout, r"server log  \d+ lines \(-v\)")
        done = self.run_in(*common, "--server-log", "missing.log")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--server-log missing.log", done.stderr)

    def test_a_reference_has_causes_of_its_own(self):
        here = self.deviating("form_repeat_crash", "secret_never_checked")
        there = self.deviating("form_repeat_crash", "no_store_missing_on_tokens")
        done = self.run_in(*(here, *TARGET_OPTIONS, "--reference", there))
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        text = done.stdout[done.stdout.index("compared with") :]
        alone, rest = text.split("causes at the reference alone")
        other, both = rest.split("causes at both")
        self.assertRegex(alone, r"causes here alone \(\d+\)\n  [0-9a-f]{8} fail: ")
        self.assertIn("no-store", other)
        self.assertIn("500 server_error", both)

    def text(self, name, folder="out"):
        return (self.path / folder / name).read_text()

    def test_code_scanning_and_junit_know_the_cause(self):
        url = self.deviating("secret_never_checked")
        common = (url, *TARGET_OPTIONS, "--base", "pyng")
        self.run_in(*common, "--output-dir", "a")
        self.run_in(*common, "--output-dir", "b", "--sarif-location", "ci/oauth config.json:7")
        self.run_in(*common, "--output-dir", "c", "--category", "client_auth_basic")

        def results(folder):
            run = self.read(self.path / folder / "report.sarif")["runs"][0]
            rules = {one["id"]: one for one in run["tool"]["driver"]["rules"]}
            for one in run["results"]:
                self.assertIn(one["ruleId"], rules)
            return run["results"], rules

        report = self.read("a/report.json")
        found, rules = results("a")
        self.assertEqual(
            [one["partialFingerprints"]["cause/v1"] for one in found],
            [one["id"] for one in report["causes"]],
        )
        self.assertEqual(
            rules["RFC6749-4.4.2-05"]["helpUri"],
            "https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2",
        )
        place = results("b")[0][0]["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "ci/oauth%20config.json")
        self.assertEqual(place["region"]["startLine"], 7)
        # Another selection in another order: the same cause.
        prints = [one["partialFingerprints"] for one in found]
        self.assertIn(results("c")[0][0]["partialFingerprints"], prints)
        suites = ElementTree.parse(self.path / "a/junit.xml").getroot()
        failed = {one["id"]: one["cause"] for one in report["cases"] if one["verdict"] == "fail"}
        causes = {
            suite.get("name") + "." + one.get("name")[len("cause.") :]: one.get("value")
            for suite in suites
            for one in suite.iter("property")
            if one.get("name").startswith("cause.")
        }
        self.assertEqual(len(list(suites.iter("failure"))), len(failed))
        self.assertEqual({name: causes.get(name) for name in failed}, failed)

    def past(self, day, code, failures, target="embedded reference endpoint"):
        return json.dumps(
            {
                "started": f"2026-11-{day:02}T00:00:00Z",
                "target": target,
                "suite": "0.1.0",
                "case_set": "2026.4",
                "exit_code": code,
                "failures": failures,
                "warnings": 0,
                "causes": [],
            }
        )

    def test_a_history_says_since_when_a_target_fails(self):
        first = self.run_in("--category", "grant_type", "--history", "h", "--report-html", "r.html")
        self.assertRegex(first.stdout, r"\ngreen since \d{4}-\d\d-\d\d, 1 run\n")
        history = self.path / "h" / "history.jsonl"
        line = json.loads(history.read_text())
        self.assertEqual((line["exit_code"], line["failures"], line["causes"]), (0, 0, []))
        url = self.deviating("scope_case_insensitive")
        common = (url, *TARGET_OPTIONS, "--base", "pyng")
        lines = [
            self.past(1, 1, 5, url),
            self.past(2, 0, 0, url),
            self.past(3, 1, 1, url),
            self.past(4, 3, 0, url),
            self.past(5, 0, 0, "https://another.example/token"),
            self.past(6, 1, 9, url),
        ]
        history.write_text("\n".join(lines) + "\n")
        done = self.run_in(*common, "--history", "h", "--output-dir", "out")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("\nred since 2026-11-03, 3 runs  ▅▁▂·█", done.stdout)
        self.assertIn("red since 2026-11-03, 3 runs", (self.path / "out/report.md").read_text())
        text = (self.path / "out/report.html").read_text()
        self.assertTrue("red since 2026-11-03, 3 runs" in text)
        self.assertTrue('aria-label="failures of the last 6 runs: 5, 0, 1, 0, 9, ' in text)
        self.assertEqual(len(history.read_text().splitlines()), 7)
        report = self.read("out/report.json")
        last = json.loads(history.read_text().splitlines()[-1])
        failing = [one["id"] for one in report["causes"] if one["severity"] == "fail"]
        self.assertEqual(last["causes"], failing)

    def test_a_history_that_cannot_be_read_or_written_is_an_error_before_the_run(self):
        (self.path / "h").mkdir()
        self.write("h/history.jsonl", self.past(1, 0, 0) + "\n{}\n")
        done = self.run_in("--history", "h")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("h/history.jsonl:2: ", done.stderr)
        self.write("file", "")
        done = self.run_in("--history", "file/below")
        self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_lines_of_runs_side_by_side_do_not_mix(self):
        command = [GRANTSPEC, "--category", "grant_type", "--history", "h", "-q"]
        options = {"cwd": self.path, "env": environment(), "stdout": subprocess.DEVNULL}
        runs = [subprocess.Popen(command, **options) for _ in range(6)]
        self.assertEqual([one.wait(timeout=60) for one in runs], [0] * 6)
        lines = (self.path / "h/history.jsonl").read_text().splitlines()
        self.assertEqual(len([json.loads(one) for one in lines]), 6)

    def test_a_statement_can_be_verified(self):
        done = self.run_in(
            "--category", "grant_type", "--statement", "s.json", "--report-json", "r.json"
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (self.path / "s.json").read_text()
        statement = json.loads(text)
        canonical = json.dumps(statement, sort_keys=True, separators=(",", ":"))
        self.assertEqual(text, canonical + "\n")
        rest = {name: value for name, value in statement.items() if name != "sha256"}
        rest = json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()
        self.assertEqual(statement["sha256"], hashlib.sha256(rest).hexdigest())
        program = hashlib.sha256(pathlib.Path(GRANTSPEC).read_bytes()).hexdigest()
        self.assertEqual(statement["program"]["sha256"], program)
        report = self.read("r.json")
        digest = json.dumps(verdicts(report), sort_keys=True, separators=(",", ":")).encode()
        self.assertEqual(statement["verdicts"]["sha256"], hashlib.sha256(digest).hexdigest())
        good = self.run_in("--verify", "s.json", "--json", "r.json")
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
        self.assertNotIn("DIFFERS", good.stdout)
        self.assertIn("skipped", self.run_in("--verify", "s.json").stdout)

    def test_a_statement_about_something_else_differs(self):
        self.run_in("--category", "grant_type", "--statement", "s.json", "--report-json", "r.json")
        text = (self.path / "s.json").read_text()
        report = (self.path / "r.json").read_text()
        for old, new in (
            ('"verdict": "pass"', '"verdict": "warn"'),
            ('"base": "pyng"', '"base": "strict"'),
            ('"url": "http://127', '"url": "http://128'),
            ('"started": "20', '"started": "19'),
        ):
            self.write("other.json", report.replace(old, new, 1))
            done = self.run_in("--verify", "s.json", "--json", "other.json")
            self.assertEqual(done.returncode, 1, (new, done.stderr))
            self.assertEqual(done.stdout.count("DIFFERS"), 1, done.stdout)
        for old, new in (('"exit_code":0', '"exit_code":1'), (",", ", ")):
            self.write("other.json", text.replace(old, new, 1))
            done = self.run_in("--verify", "other.json")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("DIFFERS  statement", done.stdout)
        for bad in ("", "[]", "{}", report, '{"schema":"grantspec-statement/1"}'):
            self.write("other.json", bad)
            done = self.run_in("--verify", "other.json")
            self.assertEqual((done.returncode, done.stdout), (2, ""), bad[:40])
            self.assertIn("other.json:1", done.stderr)
        self.assertEqual(self.run_in("--json", "r.json").returncode, 2)

    def test_a_file_that_is_no_profile_is_an_error_that_names_it(self):
        for text in ('{"schema": "grantspec-report/2"}', "[]", "not JSON", ""):
            self.write("grantspec.json", text)
            done = self.run_in("--category", "grant_type")
            self.assertEqual(done.returncode, 2, text)
            self.assertIn("./grantspec.json", done.stderr)
            self.assertIn("--profile FILE", done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
